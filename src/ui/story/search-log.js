/** What the page of a run does: the search shows the lines of the log that have all the words. */
/** @type {HTMLInputElement | null} */
const input = document.querySelector('.search input');
const found = document.querySelector('.search output');
if (input && found) {
  /** @type {HTMLElement[]} */
  const lines = [...document.querySelectorAll('.searched > div')].filter((line) => line instanceof HTMLElement);
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const line of lines) {
      const text = (line.textContent ?? '').toLowerCase();
      line.hidden = !words.every((word) => text.includes(word));
      if (!line.hidden) count += 1;
    }
    found.textContent = words.length === 0 ? '' : `${count} of ${lines.length} lines`;
  });
}
