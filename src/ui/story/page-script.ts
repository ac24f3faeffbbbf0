/** What the page of a run does: the search shows the lines of the log that have all the words. */
export const PAGE_SCRIPT = `
const input = document.querySelector('.search input');
if (input) {
  const lines = [...document.querySelectorAll('.searched > div')];
  const found = document.querySelector('.search output');
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let count = 0;
    for (const line of lines) {
      const text = line.textContent.toLowerCase();
      line.hidden = !words.every((word) => text.includes(word));
      if (!line.hidden) count += 1;
    }
    found.textContent = words.length === 0 ? '' : count + ' of ' + lines.length + ' lines';
  });
}
`;
