// Asks what has changed: one tab of a browser at its pace, the others when it says so.
import { show } from "./page.js";
import { setClock } from "./clock.js";
import * as drafts from "./drafts.js";

const FAST = 2000;
const SLOW = 15000;
const channel = new BroadcastChannel("nextlead");
let etag = "";
let turn = 0;
let failures = 0;
let lostSince = 0;
let leads = false;
let active = Date.now();
let timer = 0;

export const isLeading = () => leads;
export const touch = () => (active = Date.now());
export const nextTurn = () => ++turn;
export const forgetEtag = () => (etag = "");

export function tellOthers() {
  channel.postMessage("changed");
}

function address() {
  const ending = document.getElementById("p-ending");
  const lost = document.querySelector("[data-lost]");
  const query = new URLSearchParams();
  const lead = ending?.dataset.lead;
  if (lead) {
    query.set("lead", lead);
    query.set("lost", lead);
  } else if (lost) query.set("lost", lost.dataset.lost);
  else if (sessionStorage.getItem("nl:lost")) query.set("lost", sessionStorage.getItem("nl:lost"));
  if (Date.now() - active < 90000 && !document.hidden) query.set("active", "1");
  return `/work/parts?${query}`;
}

export async function look() {
  clearTimeout(timer);
  const mine = nextTurn();
  try {
    const headers = { "X-Fragment": "1", ...(etag ? { "If-None-Match": etag } : {}) };
    const answer = await fetch(address(), { headers, signal: AbortSignal.timeout(10000), cache: "no-store" });
    if (mine === turn) await understand(answer);
  } catch {
    failed();
  }
  timer = setTimeout(look, failures ? Math.min(SLOW, 250 * 2 ** failures * (0.75 + Math.random() / 2)) : pace());
}

const pace = () => (document.hidden && !leads ? SLOW : FAST);

async function understand(answer) {
  setClock(answer.headers.get("x-now"));
  if (answer.status === 401) {
    document.getElementById("signed-out").hidden = false;
    return;
  }
  if (answer.status >= 500) throw new Error("the service does not answer");
  reached();
  if (answer.status !== 200) return;
  etag = answer.headers.get("etag") || "";
  show(await answer.text());
}

function failed() {
  failures += 1;
  lostSince ||= Date.now();
  if (Date.now() - lostSince > 3000 || !navigator.onLine) document.getElementById("link-lost").hidden = false;
}

async function reached() {
  document.getElementById("signed-out").hidden = true;
  const was = lostSince;
  failures = 0;
  lostSince = 0;
  const banner = document.getElementById("link-lost");
  if (!banner.hidden) document.dispatchEvent(new CustomEvent("nl:back"));
  banner.hidden = true;
  if (was || localStorage.length) {
    const action = drafts.take();
    if (action) document.dispatchEvent(new CustomEvent("nl:send", { detail: action }));
  }
}

export function startLooking() {
  channel.onmessage = () => {
    forgetEtag();
    look();
  };
  for (const name of ["online", "pageshow"]) window.addEventListener(name, look);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  for (const name of ["keydown", "pointerdown", "input"]) document.addEventListener(name, touch, { passive: true });
  document.getElementById("check-now").addEventListener("click", look);
  const lead = () => {
    leads = true;
    return new Promise(() => {});
  };
  if (navigator.locks) navigator.locks.request(`nextlead:${document.getElementById("desk").dataset.operator}`, lead);
  else lead();
  timer = setTimeout(look, FAST);
}
