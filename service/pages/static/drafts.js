// What was typed and not sent yet, by operator and lead, in this browser; and actions to send once.
const HOURS = 12;
const desk = () => document.getElementById("desk");
const prefix = () => `nl:draft:${desk().dataset.operator}:`;
const outbox = () => `nl:outbox:${desk().dataset.operator}`;

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key) || "null");
  } catch {
    return null;
  }
}

const typed = (form) =>
  [...new FormData(form)].filter(([name, value]) => !["csrf", "lead"].includes(name) && value !== "");

export function keep(form, lead) {
  const fields = typed(form);
  const worth = fields.some(([name]) => ["note", "amount", "reason", "outcome", "offered"].includes(name));
  if (lead && worth) localStorage.setItem(prefix() + lead, JSON.stringify({ fields, at: Date.now() }));
}

export function restore(form, lead) {
  const draft = read(prefix() + lead);
  if (!draft || form.dataset.local === lead) return;
  form.dataset.local = lead;
  for (const [name, value] of draft.fields) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (["radio", "checkbox"].includes(field.type)) field.checked = field.checked || field.value === value;
      else if (!field.value) field.value = value;
    }
  }
}

export function drop(lead) {
  localStorage.removeItem(prefix() + lead);
}

export function textOf(lead) {
  const draft = read(prefix() + lead);
  const fields = draft ? draft.fields.filter(([name]) => ["note", "amount", "reason", "offered"].includes(name)) : [];
  return fields.map(([, value]) => value).join(" · ");
}

export const has = (lead) => localStorage.getItem(prefix() + lead) !== null;

export function any() {
  return Object.keys(localStorage).some((key) => key.startsWith("nl:"));
}

export function clear() {
  for (const key of Object.keys(localStorage)) if (key.startsWith("nl:")) localStorage.removeItem(key);
}

// Of another operator, or too old.
export function sweep() {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("nl:")) continue;
    const old = Date.now() - (read(key)?.at || 0) > HOURS * 3600e3;
    if (old || !(key.startsWith(prefix()) || key === outbox())) localStorage.removeItem(key);
  }
}

export function hold(action) {
  localStorage.setItem(outbox(), JSON.stringify({ ...action, at: Date.now() }));
}

export function take() {
  const action = read(outbox());
  localStorage.removeItem(outbox());
  return action;
}
