// Shortcuts: one key without a modifier, outside of fields and dialogs.

/** Calls the action of a key that is pressed; `actions` maps a key, in lower case, to a function. */
export function shortcuts(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea, [contenteditable], .plot, .menu")) return;
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
