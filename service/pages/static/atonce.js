// Who wishes so gets the next lead by itself after five seconds with nothing in hand; Escape stops it.
const SECONDS = 5;
let since = 0;
let isStopped = false;

export function stopAtOnce() {
  isStopped = true;
}

export function tickAtOnce(mayTake) {
  const place = document.getElementById("at-once");
  if (!place) isStopped = false;
  if (!place || isStopped || document.hidden || !mayTake) {
    since = 0;
    if (place) place.hidden = true;
    return;
  }
  since ||= Date.now();
  const left = SECONDS - Math.floor((Date.now() - since) / 1000);
  place.querySelector("span").textContent = place.dataset.pattern.replace("{}", Math.max(left, 0));
  place.hidden = false;
  if (left > 0) return;
  since = 0;
  document.querySelector("[data-next]").click();
}
