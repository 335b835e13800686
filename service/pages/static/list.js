// Chooses all rows of a list at once.
const all = document.getElementById("choose-all");
if (all) {
  all.hidden = false;
  all.querySelector("input").addEventListener("change", (event) => {
    for (const box of document.querySelectorAll("input[name=lead]")) box.checked = event.target.checked;
  });
}
