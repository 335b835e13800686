// Asks what has changed as soon as it is told that something did.
import { show, titles } from "./page.js";
import { setClock } from "./clock.js";
import * as drafts from "./drafts.js";
import { listen, paced } from "./stream.js";

const SLOW = 20000; // were nothing to be told
let stream = null;
let etag = "";
let turn = 0;
let failures = 0;
let lostSince = 0;
let active = Date.now();
let timer = 0;

export const isLeading = () => stream.isLeading();
export const touch = () => (active = Date.now());
export const nextTurn = () => ++turn;
export const forgetEtag = () => (etag = "");

export const tellOthers = () => stream.tell();

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

async function askNow() {
  clearTimeout(timer);
  const mine = nextTurn();
  try {
    const headers = { "X-Fragment": "1", ...(etag ? { "If-None-Match": etag } : {}) };
    const answer = await fetch(address(), { headers, signal: AbortSignal.timeout(10000), cache: "no-store" });
    if (mine === turn) await understand(answer);
  } catch {
    failed();
  }
  timer = setTimeout(look, failures ? Math.min(SLOW, 250 * 2 ** failures * (0.75 + Math.random() / 2)) : SLOW);
}

export const look = paced(askNow);

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
  titles();
}

async function reached() {
  document.getElementById("signed-out").hidden = true;
  const was = lostSince;
  failures = 0;
  lostSince = 0;
  const banner = document.getElementById("link-lost");
  if (!banner.hidden) document.dispatchEvent(new CustomEvent("nl:back"));
  banner.hidden = true;
  titles();
  if (was || localStorage.length) {
    const action = drafts.take();
    if (action) document.dispatchEvent(new CustomEvent("nl:send", { detail: action }));
  }
}

// The leading tab rings also while it is hidden; the others rest then.
const heard = () => (document.hidden && !isLeading() ? null : look());

export function startLooking() {
  stream = listen("/work", document.getElementById("desk").dataset.operator, heard);
  for (const name of ["online", "offline", "pageshow"]) window.addEventListener(name, look);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  for (const name of ["keydown", "pointerdown", "input"]) document.addEventListener(name, touch, { passive: true });
  document.getElementById("check-now").addEventListener("click", look);
  timer = setTimeout(look, SLOW);
}
