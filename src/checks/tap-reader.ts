/** TAP as a script writes it (Test Anything Protocol, versions 12 to 14): its own points; a subtest counts by the point that ends it. */

export interface TapPoint {
  readonly isOk: boolean;
  readonly number: number;
  readonly name: string;
  readonly directive?: 'skip' | 'todo';
  readonly reason?: string;
  /** The lines of its YAML block. */
  readonly detail: string;
}

export interface Tap {
  readonly points: readonly TapPoint[];
  /** What is wrong with the text as a whole: no plan, fewer points than planned, `Bail out!`. */
  readonly faults: readonly string[];
}

const POINT = /^(not )?ok\b(?: +(\d+))?(?: *-)? ?(.*)$/;
const PLAN = /^1\.\.(\d+)(?: *# *(.*))?$/;

export const readTap = (text: string): Tap => {
  const points: TapPoint[] = [];
  const faults: string[] = [];
  let plan: number | undefined;
  let detail: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (detail !== undefined) {
      if (/^ {2}\.\.\.\s*$/.test(line)) {
        const last = points.pop();
        if (last) points.push({ ...last, detail: detail.join('\n') });
        detail = undefined;
      } else detail.push(line.slice(2));
      continue;
    }
    const [, bail] = /^Bail out!\s*(.*)$/.exec(line) ?? [];
    if (bail !== undefined) {
      faults.push(`it bailed out${bail === '' ? '' : `: ${bail}`}`);
      break;
    }
    const [planned, count] = PLAN.exec(line) ?? [];
    if (planned !== undefined) {
      if (plan !== undefined) faults.push('it has two plans');
      plan = Number(count);
      continue;
    }
    if (/^ {2}---\s*$/.test(line) && points.length > 0) detail = [];
    const [point, not, number, rest = ''] = POINT.exec(line) ?? [];
    if (point !== undefined) points.push(pointOf(not === undefined, number, rest, points.length + 1));
  }
  if (faults.length === 0) faults.push(...planFaults(plan, points));
  return { points, faults };
};

const pointOf = (isOk: boolean, number: string | undefined, rest: string, next: number): TapPoint => {
  const at = rest.search(/(?<!\\)#\s*(skip|todo)/i);
  const [, word, reason = ''] = /#\s*(skip|todo)\S*\s*(.*)$/i.exec(at < 0 ? '' : rest.slice(at)) ?? [];
  const name = (at < 0 ? rest : rest.slice(0, at)).trim().replaceAll(/\\([\\#])/g, '$1');
  const directive =
    word === undefined ? {} : { directive: /skip/i.test(word) ? ('skip' as const) : ('todo' as const), reason };
  return { isOk, number: number === undefined ? next : Number(number), name, ...directive, detail: '' };
};

const planFaults = (plan: number | undefined, points: readonly TapPoint[]): string[] => {
  if (plan === undefined) return ['it has no plan (1..N): it may have ended too early'];
  if (plan !== points.length) return [`it planned ${plan} tests and ran ${points.length}`];
  const numbers = new Set(points.map(({ number }) => number));
  return numbers.size === points.length && [...numbers].every((number) => number >= 1 && number <= plan)
    ? []
    : ['its tests are not numbered from 1 to the end, each once'];
};
