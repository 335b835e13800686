// Changes what is shown into what came, and leaves alone what did not change.
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("nextlead", { createHTML: (text) => text })
  : { createHTML: (text) => text };

export function parsed(text) {
  return new DOMParser().parseFromString(policy.createHTML(text), "text/html");
}

const isRefused = (name) => name === "style" || name.startsWith("on");

function sameAttributes(old, fresh) {
  for (const { name, value } of [...fresh.attributes]) {
    if (!isRefused(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    const own = name === "open" && old.localName === "details";
    if (!fresh.hasAttribute(name) && !own && name !== "data-local") old.removeAttribute(name);
  }
}

export function cleaned(node) {
  const copy = document.importNode(node, true);
  const all = copy.querySelectorAll ? [copy, ...copy.querySelectorAll("*")] : [];
  for (const element of all) {
    for (const { name } of [...(element.attributes || [])]) {
      if (isRefused(name)) element.removeAttribute(name);
    }
  }
  return copy;
}

const isSame = (old, fresh) =>
  old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && (old.id || "") === (fresh.id || "");

export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  sameAttributes(old, fresh);
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    let found = at;
    while (found && !isSame(found, wanted)) found = found.nextSibling;
    if (!found) {
      old.insertBefore(cleaned(wanted), at);
      continue;
    }
    while (at !== found) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
    morph(found, wanted);
    at = found.nextSibling;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}
