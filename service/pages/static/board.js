// The board: asks what has changed as soon as it is told so, while somebody looks.
import { morph, parsed } from "./morph.js";
import { listen, paced } from "./stream.js";

const SLOW = 20000;
const COUNTED = 1100; // the service counts once a second
const root = document.querySelector("[data-board]");
const late = document.getElementById("updates-late");
let etag = "";
let failures = 0;
let timer = 0;
let soon = 0;

async function askNow() {
  clearTimeout(timer);
  try {
    const headers = { "X-Fragment": "1", ...(etag ? { "If-None-Match": etag } : {}) };
    const answer = await fetch(location.href, { headers, cache: "no-store", signal: AbortSignal.timeout(10000) });
    if (answer.status === 401) return location.reload();
    if (answer.status >= 500) throw new Error("the service does not answer");
    failures = 0;
    if (answer.status === 200) show(answer.headers.get("etag") || "", await answer.text());
  } catch {
    failures += 1;
  }
  late.hidden = failures < 2;
  timer = setTimeout(look, Math.min(SLOW, failures ? 1000 * 2 ** failures : SLOW));
}

function show(tag, text) {
  etag = tag;
  for (const part of parsed(text).querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    if (old) morph(old, part);
  }
  document.title = document.querySelector("[data-title]")?.dataset.title || document.title;
}

const ask = paced(askNow);
// a wall is never looked away from
const look = () => (document.hidden && root.dataset.board !== "wall" ? null : ask());

function heard() {
  soon ||= setTimeout(() => {
    soon = 0;
    look();
  }, COUNTED);
}

for (const name of ["online", "offline"]) window.addEventListener(name, look);
document.addEventListener("visibilitychange", look);
document.addEventListener("keydown", (event) => {
  const field = document.getElementById("q");
  const typing = ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName);
  if (event.code === "Slash" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && field) {
    event.preventDefault();
    field.focus();
  }
});
listen("/board", "board", heard);
timer = setTimeout(look, SLOW);
root.dataset.ready = "yes";
