// Counts waiting times up and leases down, by the server's clock.
import { cry } from "./page.js";
import { look } from "./live.js";
import { low } from "./sound.js";

let skew = 0;
let asked = "";
let ended = "";

export function setClock(header) {
  const there = Date.parse(header || "");
  if (there) skew = there - Date.now();
}

export const now = () => Date.now() + skew;

function duration(seconds, [s, min, h, d]) {
  if (seconds < 60) return `${seconds}\u00a0${s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0${min}`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)}\u00a0${d}`;
  return minutes % 60 && hours < 10 ? `${hours}\u00a0${h}\u00a0${minutes % 60}\u00a0${min}` : `${hours}\u00a0${h}`;
}

function written(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const secondsTo = (moment) => Math.max(0, Math.floor((Date.parse(moment) - now()) / 1000));
const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
const left = (moment) => minutes(secondsTo(moment));

export function tick(desk) {
  const units = desk.dataset.units.split(" ");
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((now() - Date.parse(element.dataset.since)) / 1000));
    written(element, duration(seconds, units));
  }
  for (const element of document.querySelectorAll("[data-left]")) written(element, left(element.dataset.left));
  const over = [...document.querySelectorAll("[data-until]")].find((item) => Date.parse(item.dataset.until) <= now());
  if (over && ended !== over.dataset.until) {
    ended = over.dataset.until;
    look();
  }
  const lease = document.querySelector(".lease[data-until]");
  const ask = document.getElementById("ask-still");
  if (!lease || !ask) return;
  const seconds = secondsTo(lease.dataset.until);
  lease.dataset.pattern ||= lease.textContent.replace(/\d.*?(?=[.!]?$)/, "{}");
  written(lease, lease.dataset.pattern.replace("{}", minutes(seconds)));
  const soon = seconds <= 30;
  lease.classList.toggle("soon", soon);
  ask.hidden = !soon;
  if (soon && asked !== lease.dataset.until) {
    asked = lease.dataset.until;
    cry(desk.dataset.saySoon);
    low();
  }
}
