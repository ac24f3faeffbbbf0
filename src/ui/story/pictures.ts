/** The pictures of a run on its page. */
import { html, section } from './html.ts';

export interface Picture {
  /** Below the run folder. */
  readonly path: string;
  readonly png: Uint8Array;
}

/** The pictures of a strip, `STAGE/pictures/NAME`, side by side in the order of time; each other one at its full width. */
export const pictures = (all: readonly Picture[]): string => {
  const folders = Map.groupBy(all, ({ path }) => /^(.*\/pictures)\/[^/]+$/.exec(path)?.[1] ?? '');
  const shown = [...folders].map(([folder, inside]) => {
    if (folder === '') return inside.map((picture) => figure(picture, picture.path)).join('\n');
    const figures = inside.map((picture) => figure(picture, picture.path.slice(folder.length + 1)));
    return `<h3>${html(folder)}</h3>\n<div class="strip">\n${figures.join('\n')}\n</div>`;
  });
  return section('screens', 'Screens', shown.join('\n'));
};

const figure = ({ path, png }: Picture, caption: string): string => {
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return `<figure><img src="${source}" alt="${html(path)}"><figcaption>${html(caption)}</figcaption></figure>`;
};
