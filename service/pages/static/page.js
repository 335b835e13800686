// The desk: sends forms without leaving the page, shows what came, says what happened.
import { cleaned, morph, parsed } from "./morph.js";
import { setClock, tick } from "./clock.js";
import { listenToKeys } from "./keys.js";
import { stopAtOnce, tickAtOnce } from "./atonce.js";
import * as drafts from "./drafts.js";
import * as live from "./live.js";
import * as sound from "./sound.js";

const desk = document.getElementById("desk");
let shownLive = "";
let rungFor = "";
let putOff = "";

function put(id, text) {
  const region = document.getElementById(id);
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 30);
}

export const say = (text) => text && put("say", text);
export const cry = (text) => text && put("cry", text);

const endingForm = () => document.querySelector("[data-ending]");
const leadInHand = () => document.getElementById("p-ending").dataset.lead;

export function show(text, { own = false, keeps = false } = {}) {
  const came = parsed(text);
  const before = leadInHand();
  for (const part of came.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    if (!old) continue;
    if (part.id !== "p-ending") morph(old, part);
    // what was typed into one form must not stand in another one
    else if ((own && !keeps) || old.dataset.lead !== part.dataset.lead) old.replaceWith(cleaned(part));
  }
  arrived(before, own);
}

function arrived(before, own) {
  const now = leadInHand();
  const form = endingForm();
  if (form && now !== before) delete form.dataset.local;
  if (form) drafts.restore(form, now);
  if (before && before !== now && !own) sessionStorage.setItem("nl:lost", before);
  interrupted();
  titles();
  lost();
  for (const star of document.querySelectorAll("[data-star]")) star.textContent = drafts.has(star.dataset.star) ? "*" : "";
  say(document.querySelector("#p-strip [data-say]")?.dataset.say);
  tickAll();
}

const words = (element) => element?.textContent.replace(/\s+/g, " ").trim() || "";

const liveStrip = () => {
  const strip = document.querySelector("[data-live]");
  return strip && strip.dataset.live !== putOff ? strip : null;
};

export function titles() {
  const heading = document.querySelector("[data-focus]");
  const { kind, waiting } = heading?.dataset || {};
  let title = kind ? `${words(heading)} · ${kind}` : words(heading);
  if (waiting) title = `(${waiting}) ${desk.dataset.sayDesk}`;
  if (document.querySelector("[data-away]")) title = `⏸ ${words(document.querySelector("#presence .chip")).replace("● ", "")}`;
  if (liveStrip()) title = `☎ ${words(liveStrip().querySelector("h2"))}`;
  if (!document.getElementById("link-lost").hidden) title = `✖ ${desk.dataset.sayLost}`;
  document.title = `${title} · nextlead`;
  const icon = document.querySelector("link[rel=icon]");
  icon.dataset.calm ||= icon.href;
  icon.href = liveStrip() ? icon.dataset.liveIcon : icon.dataset.calm;
}

function interrupted() {
  const strip = document.querySelector("[data-live]");
  if (strip) strip.hidden = strip.dataset.live === putOff;
  const waits = liveStrip()?.dataset.live || "";
  if (waits !== shownLive) {
    shownLive = waits;
    if (!waits) sound.stop();
    else cry(`${desk.dataset.sayWaits}: ${words(strip.querySelector("h2"))}`);
  }
  if (!waits || waits === rungFor || !live.isLeading()) return;
  rungFor = waits;
  sound.ring();
  if (document.hidden && window.Notification?.permission === "granted") {
    new Notification(desk.dataset.sayWaits, { tag: "nextlead-live" });
  }
}

function notNow() {
  putOff = shownLive;
  interrupted();
  titles();
  document.querySelector("[data-focus]")?.focus();
}

function lost() {
  const section = document.getElementById("lost");
  if (!section) return;
  const id = section.dataset.lost;
  if ("erased" in section.dataset) drafts.drop(id);
  const text = drafts.textOf(id);
  const place = section.querySelector("[data-lost-text]");
  place.hidden = !text;
  place.querySelector("q").textContent = text;
  const note = section.querySelector("[data-note-lost]");
  note.hidden = !text;
  note.elements.note.value = text;
  if (section.dataset.local !== id) {
    section.dataset.local = id;
    cry(section.querySelector("strong").textContent.trim());
  }
}

function tickAll() {
  tick(desk);
  tickAtOnce(live.isLeading() && !shownLive);
}

const isTyping = () => document.activeElement?.matches("input, textarea, select");

async function send(url, body, lead, isEnding) {
  const first = leadInHand();
  live.nextTurn();
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(body),
      headers: { "X-Fragment": "1" },
      signal: AbortSignal.timeout(15000),
    });
  } catch {
    if (isEnding) drafts.hold({ url, body: body.toString(), lead });
    document.getElementById("link-lost").hidden = false;
    titles();
    return cry(desk.dataset.sayLost);
  }
  // a look that began meanwhile may have seen what was before
  live.nextTurn();
  if (answer.status === 401) return (document.getElementById("signed-out").hidden = false);
  const worked = answer.ok;
  const text = await answer.text();
  const type = answer.headers.get("content-type") || "";
  if (!type.startsWith("text/html") || !text.includes("data-part")) return cry(desk.dataset.sayLost);
  if (worked && isEnding) drafts.drop(lead);
  if (worked && isEnding) sessionStorage.removeItem("nl:lost");
  live.forgetEtag();
  // the stream may have shown the new lead already, and its form is in use
  show(text, { own: true, keeps: worked && leadInHand() !== first });
  live.tellOthers();
  const mistakes = document.getElementById("mistakes") || document.getElementById("notice");
  if (!worked && mistakes) {
    mistakes.tabIndex = -1;
    mistakes.focus();
  } else if (worked && leadInHand() !== first && !isTyping()) document.querySelector("[data-focus]")?.focus();
}

function listenToForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-signout]")) {
      if (drafts.any() && !window.confirm(desk.dataset.sayDrafts)) event.preventDefault();
      else drafts.clear();
      return;
    }
    const path = new URL(form.action).pathname;
    if (form.method !== "post" || !path.startsWith("/work/")) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const lead = path.split("/")[2];
    const isEnding = /\/(settle|park|transfer|decline|release|note)$/.test(path);
    send(path, body, lead, isEnding).finally(() => delete form.dataset.sending);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-ending]");
    if (form) drafts.keep(form, leadInHand());
  });
  document.addEventListener("nl:send", ({ detail }) => send(detail.url, new URLSearchParams(detail.body), detail.lead, true));
  document.addEventListener("nl:back", () => say(desk.dataset.sayBack));
}

function listenToButtons() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-help")) document.getElementById("help").showModal();
    if (button.hasAttribute("data-not-now")) notNow();
    if (button.hasAttribute("data-stop-at-once")) stopAtOnce();
    if (button.id === "try-sound") sound.tryOut();
    if (button.id === "ask-notify") {
      await Notification.requestPermission();
      button.hidden = true;
    }
    const section = button.closest("#lost");
    if (section && button.hasAttribute("data-copy-lost")) navigator.clipboard?.writeText(drafts.textOf(section.dataset.lost));
    if (section && button.hasAttribute("data-drop-lost")) {
      drafts.drop(section.dataset.lost);
      sessionStorage.removeItem("nl:lost");
      section.remove();
      live.forgetEtag();
    }
  });
  const notify = document.getElementById("ask-notify");
  notify.hidden = !(window.Notification && Notification.permission === "default");
}

setClock(desk.dataset.now);
drafts.sweep();
listenToKeys();
listenToForms();
listenToButtons();
live.startLooking();
arrived(leadInHand(), true);
setInterval(tickAll, 1000);
desk.dataset.ready = "yes";
