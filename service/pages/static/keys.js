// Single keys, by their place on the keyboard; never while somebody types.
import { stopAtOnce } from "./atonce.js";

const isField = (element) =>
  element.isContentEditable ||
  ["textarea", "select"].includes(element.localName) ||
  (element.localName === "input" && !["radio", "checkbox", "button", "submit"].includes(element.type));

const isShown = (element) => element.checkVisibility() || element.closest("details:not([open])");

// A sum or a reason is typed right after its outcome was chosen; its digits choose no other outcome.
function neededLine(outcome) {
  const needed = outcome.form.querySelectorAll(`.field:has(.need[data-for="${CSS.escape(outcome.value)}"]) > input`);
  return [...needed].find((field) => field.checkVisibility());
}

function act(element) {
  const folded = element.closest("details:not([open])");
  if (folded && element.localName !== "summary") folded.open = true;
  if (element.localName === "summary") {
    element.click();
    element.parentElement.querySelector("select,textarea,input:not([type=hidden])")?.focus();
  } else if (element.localName === "textarea" || element.localName === "h2") {
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  } else {
    if (element.type === "radio") element.focus();
    element.click();
    if (element.name === "outcome") neededLine(element)?.focus();
  }
}

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.isComposing) return;
    const inField = isField(event.target);
    if (event.code === "Enter" && event.ctrlKey && !event.altKey && !event.metaKey) {
      const finish = document.querySelector("[data-enter]");
      if (finish) {
        event.preventDefault();
        finish.click();
      }
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.code === "Escape" && inField) return event.target.blur();
    if (event.code === "Escape") stopAtOnce();
    if (inField || document.querySelector("dialog[open]")) return;
    if (event.code === "Slash" && event.shiftKey) {
      event.preventDefault();
      return document.getElementById("help").showModal();
    }
    if (event.shiftKey) return;
    const found = [...document.querySelectorAll(`[data-code="${CSS.escape(event.code)}"]`)].find(isShown);
    if (found) {
      event.preventDefault();
      act(found);
    }
  });
}
