/** Pieces that the page of a run is made of. */
const REPLACED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const html = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => REPLACED[character] ?? '');

export const section = (id: string, title: string, content: string): string =>
  content === '' ? '' : `<section id="${id}">\n<h2>${title}</h2>\n${content}\n</section>\n`;
