// The board: asks every five seconds what has changed, while somebody looks.
import { morph, parsed } from "./morph.js";

const PACE = 5000;
const root = document.querySelector("[data-board]");
const late = document.getElementById("updates-late");
let etag = "";
let failures = 0;

async function look() {
  if (!document.hidden || root.dataset.board === "wall") {
    try {
      const headers = { "X-Fragment": "1", ...(etag ? { "If-None-Match": etag } : {}) };
      const answer = await fetch(location.href, { headers, cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (answer.status === 401) return location.reload();
      if (answer.status >= 500) throw new Error("the service does not answer");
      failures = 0;
      if (answer.status === 200) {
        etag = answer.headers.get("etag") || "";
        for (const part of parsed(await answer.text()).querySelectorAll("[data-part]")) {
          const old = document.getElementById(part.id);
          if (old) morph(old, part);
        }
        document.title = document.querySelector("[data-title]")?.dataset.title || document.title;
      }
    } catch {
      failures += 1;
    }
    if (late) late.hidden = failures < 2;
  }
  setTimeout(look, PACE * Math.min(6, 1 + failures));
}

document.addEventListener("keydown", (event) => {
  const field = document.getElementById("q");
  const typing = ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName);
  if (event.code === "Slash" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && field) {
    event.preventDefault();
    field.focus();
  }
});
root.dataset.ready = "yes";
setTimeout(look, PACE);
