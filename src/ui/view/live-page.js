/** What the live page does: hears the events, and writes them as text; nothing that comes from a build is ever markup. */
/**
 * An event of one of the builds; a stage's has `stage`.
 * @typedef {import('../../pipeline/events.ts').StampedEvent & {readonly build: string}} LiveEvent
 * @typedef {{line: HTMLTableRowElement, time: HTMLElement, detail: HTMLElement, began: number, phase: string}} Row
 * @typedef {{root: Element, rows: Map<string, Row>, began: number}} Build
 */

const MOST_LINES = 1000;
/** @type {Map<string, Build>} */
const builds = new Map();

/**
 * What the page itself has, so it is there.
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement}
 */
const part = (parent, selector) => {
  const found = parent.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
};

const state = part(document, '#state');

/** @param {number} milliseconds */
const clock = (milliseconds) => {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};
/** @param {number} count */
const bytes = (count) => (count < 1e9 ? `${Math.round(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`);
/** @param {{done: number, total?: number | undefined, unit: string}} progress */
const share = ({ done, total, unit }) =>
  unit === 'percent' || total
    ? `${Math.floor((100 * done) / (total || 100))} %`
    : unit === 'bytes'
      ? bytes(done)
      : String(done);

/** @param {string} name */
const open = (name) => {
  const template = part(document, '#build');
  const root = template instanceof HTMLTemplateElement && template.content.firstElementChild?.cloneNode(true);
  if (!(root instanceof Element)) throw new Error('the page has no template of a build');
  part(root, 'h2').textContent = name;
  part(document, '#builds').append(root);
  const build = { root, rows: new Map(), began: 0 };
  builds.set(name, build);
  return build;
};

/**
 * @param {Build} build
 * @param {string} stage
 * @returns {Row}
 */
const row = (build, stage) => {
  const known = build.rows.get(stage);
  if (known) return known;
  const table = part(build.root, 'table');
  if (!(table instanceof HTMLTableElement)) throw new Error('the page has no table');
  const line = table.insertRow();
  const name = document.createElement('th');
  name.textContent = stage;
  line.append(name);
  const made = { line, time: line.insertCell(), detail: line.insertCell(), began: 0, phase: '' };
  made.detail.className = 'detail';
  line.className = 'stage waiting';
  build.rows.set(stage, made);
  return made;
};

/**
 * @param {Build} build
 * @param {string} stage
 * @param {string} text
 */
const say = (build, stage, text) => {
  const log = part(build.root, '.log');
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const line = document.createElement('div');
  const name = document.createElement('b');
  name.textContent = `${stage} `;
  line.append(name, text);
  log.append(line);
  while (log.childElementCount > MOST_LINES) log.firstElementChild?.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
};

/**
 * @param {Build} build
 * @param {string} text
 * @param {boolean} isGood
 */
const end = (build, text, isGood) => {
  const outcome = part(build.root, '.outcome');
  outcome.textContent = text;
  outcome.className = `outcome ${isGood ? 'good' : 'bad'}`;
};

/**
 * @param {Build} build
 * @param {Extract<LiveEvent, {type: 'build.failed'}>['error']} error
 */
const error = (build, { code, message, where, hint, detail }) => {
  const box = part(build.root, '.error');
  box.hidden = false;
  box.textContent = [`${message}  [${code}]`, where && `where: ${where}`, detail, hint && `next: ${hint}`]
    .filter(Boolean)
    .join('\n');
};

/**
 * @param {Build} build
 * @param {Extract<LiveEvent, {stage: string}>} event
 */
const takeStage = (build, event) => {
  const stage = row(build, event.stage);
  switch (event.type) {
    case 'stage.cached':
      stage.line.className = 'stage cached';
      stage.time.textContent = 'unchanged';
      break;
    case 'stage.start':
      stage.began = Date.parse(event.at);
      stage.line.className = 'stage running';
      break;
    case 'stage.phase':
      stage.phase = event.phase;
      stage.detail.textContent = event.phase;
      break;
    case 'stage.progress':
      stage.detail.textContent = `${stage.phase} ${share(event)}`;
      break;
    case 'stage.line':
      say(build, event.stage, event.line);
      break;
    case 'stage.note':
      say(build, event.stage, `note: ${event.text}`);
      break;
    case 'stage.screen': {
      const screen = part(build.root, '.screen');
      screen.hidden = false;
      part(screen, 'pre').textContent = event.text;
      part(screen, 'figcaption').textContent = `console of ${event.stage}`;
      break;
    }
    case 'stage.done':
      stage.line.className = 'stage done';
      stage.time.textContent = clock(event.duration);
      stage.detail.textContent = '';
      stage.began = 0;
      break;
    case 'stage.failed':
      stage.line.className = 'stage failed';
      stage.began = 0;
      stage.time.textContent = 'failed';
      error(build, event.error);
  }
};

/** @param {LiveEvent} event */
const take = (event) => {
  const build = builds.get(event.build) ?? open(event.build);
  if ('stage' in event) return takeStage(build, event);
  switch (event.type) {
    case 'build.start':
      build.began = Date.parse(event.at);
      for (const name of event.stages) row(build, name);
      break;
    case 'build.done':
      end(build, `done in ${clock(event.duration)}${event.output ? `: ${event.output}` : ''}`, true);
      build.began = 0;
      break;
    case 'build.failed':
      end(build, `failed after ${clock(event.duration)}; evidence: ${event.evidence}`, false);
      error(build, event.error);
      build.began = 0;
  }
};

setInterval(() => {
  for (const build of builds.values()) {
    if (build.began) part(build.root, '.outcome').textContent = `running for ${clock(Date.now() - build.began)}`;
    for (const { began, time } of build.rows.values()) if (began) time.textContent = clock(Date.now() - began);
  }
}, 1000);

const source = new EventSource('/events');
source.addEventListener('begin', () => {
  builds.clear();
  part(document, '#builds').replaceChildren();
  state.textContent = 'live';
});
source.addEventListener('build', ({ data }) => take(JSON.parse(data)));
source.addEventListener('end', () => {
  source.close();
  state.textContent = 'The command has ended; what it told stays here.';
});
source.addEventListener('error', () => {
  state.textContent =
    source.readyState === EventSource.CLOSED
      ? 'Not connected: this page is of a command that has ended. The link of the one that runs is in its output.'
      : 'connects again… (the command does not answer; it may have been killed)';
});
