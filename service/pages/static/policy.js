// Line numbers beside the text, and links of mistakes that lead to their lines.
const text = document.getElementById("text");
const lines = document.getElementById("lines");

let numbered = 0;

function number() {
  const count = text.value.split("\n").length;
  if (count === numbered) return;
  numbered = count;
  lines.textContent = Array.from({ length: count }, (_, at) => at + 1).join("\n");
}

function goTo(line) {
  const before = text.value.split("\n").slice(0, line - 1);
  const start = before.join("\n").length + (line > 1 ? 1 : 0);
  const end = text.value.indexOf("\n", start);
  text.focus();
  text.setSelectionRange(start, end < 0 ? text.value.length : end);
  text.scrollTop = Math.max(0, (line - 5) * parseFloat(getComputedStyle(text).lineHeight));
}

text.addEventListener("scroll", () => (lines.scrollTop = text.scrollTop));
text.addEventListener("input", number);
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  goTo(Number(link.dataset.line));
});
const wanted = /^#line-(\d+)$/.exec(location.hash);
if (wanted) goTo(Number(wanted[1]));
text.dataset.ready = "yes";
