/**
 * Follows GRUB from its core to the menus that it shows, by running its configuration as far as that decides which file
 * is read: variables, conditions about files, `search`, `source`, `configfile`. Where a condition cannot be known, both
 * ways are followed.
 */

import type { GrubToken } from '../menus/grub-lexer.ts';
import { type GrubNode, parseScript } from './grub-script.ts';
import { expanded, searchOf } from './grub-words.ts';
import { type GrubDevice, type GrubPlace, grubPlaceOf, lookUp } from './grub-world.ts';

/** A menu that GRUB shows: its configuration files in the order of reading, each with the one that reads it. */
export interface GrubMenu {
  readonly files: readonly GrubFile[];
  /** The device from which its entries count, when they do not say. */
  readonly root: string | undefined;
}

export interface GrubFile extends GrubPlace {
  readonly by: GrubFile | undefined;
  /** It has its own entries. */
  readonly hasEntries: boolean;
}

export interface GrubRun {
  readonly menus: readonly GrubMenu[];
  /** Why a way that it may go ends without a menu, in words. */
  readonly problems: readonly string[];
}

export interface GrubStart {
  readonly devices: readonly GrubDevice[];
  /** The device from which firmware has started it, and the disk that this may be a part of. */
  readonly root: string;
  readonly disk: string;
  /** With its device, or without where that is `root`. */
  readonly prefix: string | undefined;
  readonly config: string | undefined;
  /** The folder of the program itself. */
  readonly cmdpath: string;
  readonly platform: 'pc' | 'efi';
  readonly cpu: string;
}

/** `true`, `false`, or what nobody knows. */
type Status = boolean | undefined;

interface OpenFile {
  readonly place: GrubPlace;
  readonly by: OpenFile | undefined;
  hasEntries: boolean;
}

interface Context {
  readonly files: OpenFile[];
  hasEntries: boolean;
}

interface State {
  readonly variables: Map<string, string>;
  readonly functions: Map<string, readonly GrubNode[]>;
  readonly context: Context;
  readonly file: OpenFile | undefined;
  readonly depth: number;
}

/** The way has ended: a menu is shown, or something is started. */
class Ended extends Error {}

const DEEPEST = 16;
const MOST_STEPS = 20_000;
const FEATURES =
  'chainloader_bpb ntldr platform_search_hint default_font_path all_video_module menuentry_id menuentry_options 200_final nativedisk_cmd timeout_style';

export const runGrub = (start: GrubStart): GrubRun => new Runner(start).run();

class Runner {
  private readonly start: GrubStart;
  private readonly menus: GrubMenu[] = [];
  private readonly problems = new Set<string>();
  private steps = 0;
  /** How many branches around it may or may not be taken. */
  private unsure = 0;

  constructor(start: GrubStart) {
    this.start = start;
  }

  run(): GrubRun {
    const { prefix, config, cmdpath, platform, cpu, disk } = this.start;
    // kern/main.c: `()` is the disk without a partition, and what the prefix names is the root.
    const [, named] = /^\(([^)]*)\)/.exec(prefix ?? '') ?? [];
    const root = named === undefined ? this.start.root : named || disk;
    const variables = new Map<string, string>([
      ['root', root],
      ['cmdpath', cmdpath],
      ['grub_platform', platform],
      ['grub_cpu', cpu],
      ...FEATURES.split(' ').map((name) => [`feature_${name}`, 'y'] as const),
    ]);
    if (prefix !== undefined) variables.set('prefix', `(${root})${prefix.replace(/^\([^)]*\)/, '')}`);
    // Its own folder, where firmware tells of one.
    else if (platform === 'efi') variables.set('prefix', cmdpath);
    const state: State = { variables, functions: new Map(), context: newContext(), file: undefined, depth: 0 };
    this.ending(() => {
      if (config !== undefined) this.list(parseScript(config), state);
      const place = this.place(`${variables.get('prefix') ?? ''}/grub.cfg`, state);
      if (place === undefined || !this.shows(place, state))
        this.problems.add(
          place === undefined
            ? 'its core names no place of a menu that is on the medium'
            : `${place.path}, where it looks for its menu, is not there or has no entries`,
        );
    });
    return { menus: this.menus, problems: [...this.problems] };
  }

  private ending(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    }
  }

  private place(written: string, { variables }: State): GrubPlace | undefined {
    const place = grubPlaceOf(this.start.devices, written, variables.get('root'));
    const path = place && lookUp(place.device, place.path);
    return place === undefined ? undefined : { device: place.device, path: path ?? place.path };
  }

  /** As `configfile` and `normal`: a menu of its own. Whether there is one; then GRUB stays there. */
  private shows(place: GrubPlace, state: State): boolean {
    const context = newContext();
    if (!this.read(place, { ...state, context, file: undefined, depth: state.depth + 1 })) return false;
    if (!context.hasEntries) return false;
    this.menus.push({ files: finished(context.files), root: state.variables.get('root') });
    throw new Ended();
  }

  private read(place: GrubPlace, state: State): boolean {
    const text = place.device.texts.get(place.path);
    if (text === undefined || state.depth > DEEPEST) return false;
    const file: OpenFile = { place, by: state.file, hasEntries: false };
    state.context.files.push(file);
    this.list(parseScript(text), { ...state, file, depth: state.depth + 1 });
    return true;
  }

  private list(nodes: readonly GrubNode[], state: State): Status {
    let status: Status = true;
    for (const node of nodes) status = this.node(node, state);
    return status;
  }

  private node(node: GrubNode, state: State): Status {
    if (++this.steps > MOST_STEPS) {
      this.problems.add('its configuration does not end');
      throw new Ended();
    }
    if (node.kind === 'command') return this.command(node.words, node.block, state);
    if (node.kind === 'while') return undefined;
    if (node.kind === 'for') {
      for (const word of node.words.flatMap((one) => expanded(one, state.variables).split(/\s+/))) {
        state.variables.set(node.name, word);
        this.list(node.body, state);
      }
      return true;
    }
    for (const { condition, body } of node.branches) {
      const status = this.list(condition, state);
      if (status === true) return this.list(body, state);
      // It may be true: that way is followed as well, on its own.
      if (status === undefined) this.maybe(body, state);
    }
    return this.list(node.otherwise, state);
  }

  private maybe(nodes: readonly GrubNode[], state: State): void {
    const before = new Map(state.variables);
    this.unsure++;
    this.ending(() => void this.list(nodes, state));
    this.unsure--;
    for (const [name, value] of before) if (DECIDING.includes(name)) state.variables.set(name, value);
  }

  private command(tokens: readonly GrubToken[], block: readonly GrubNode[] | undefined, state: State): Status {
    const [name = '', ...words] = tokens.map((token) => expanded(token, state.variables));
    const { variables, functions } = state;
    const [first = ''] = words;
    if (name === 'function') {
      functions.set(first, block ?? []);
      return true;
    }
    const own = functions.get(name);
    if (own !== undefined && state.depth < DEEPEST) return this.list(own, { ...state, depth: state.depth + 1 });
    switch (name) {
      case 'menuentry':
      case 'submenu':
        state.context.hasEntries = true;
        if (state.file !== undefined) state.file.hasEntries = true;
        return true;
      case 'set': {
        const [, key, value = ''] = /^([^=]+)=(.*)$/s.exec(first) ?? [];
        if (key !== undefined) variables.set(key, key === 'root' ? value.replace(/^\((.*)\)$/, '$1') : value);
        return true;
      }
      case 'unset':
        variables.delete(first);
        return true;
      case 'source':
      case '.': {
        const place = this.place(first, state);
        return place !== undefined && this.read(place, state);
      }
      case 'configfile':
      case 'normal': {
        const place = this.place(first === '' ? `${variables.get('prefix') ?? ''}/grub.cfg` : first, state);
        return place !== undefined && this.shows(place, state);
      }
      case 'extract_entries_source':
      case 'syslinux_configfile':
      case 'legacy_configfile':
        this.problems.add(`it goes on by ${name}, which is not followed`);
        return undefined;
      case 'boot':
        this.problems.add('its configuration starts something without a menu');
        throw new Ended();
      case 'exit':
      case 'halt':
      case 'reboot':
      case 'fwsetup':
        if (this.unsure === 0) this.problems.add(`its configuration ends by ${name}`);
        throw new Ended();
      case 'true':
        return true;
      case 'false':
        return false;
      case '!':
        return negated(this.command(tokens.slice(1), block, state));
      case '[':
      case 'test':
        return this.test(name === '[' ? words.slice(0, -1) : words, state);
      default:
        if (/^search(\.|$)/.test(name)) return this.search(name, words, state);
        return SUCCEEDS.test(name) ? true : undefined;
    }
  }

  private search(name: string, words: readonly string[], { variables }: State): Status {
    const { kind, variable, what } = searchOf(name, words);
    const found = this.start.devices.find((device) => {
      if (kind === 'file') return lookUp(device, what.replace(/^\([^)]*\)/, '')) !== undefined;
      const own = kind === 'label' ? device.label : device.uuid;
      return own !== undefined && own.toLowerCase() === what.toLowerCase();
    });
    if (found === undefined || what === '') return false;
    variables.set(variable, found.name);
    return true;
  }

  private test(words: readonly string[], state: State): Status {
    for (const [sign, decides] of [
      ['-o', true],
      ['-a', false],
    ] as const) {
      const at = words.indexOf(sign);
      if (at <= 0) continue;
      const [left, right] = [this.test(words.slice(0, at), state), this.test(words.slice(at + 1), state)];
      if (left === decides || right === decides) return decides;
      return left === undefined || right === undefined ? undefined : !decides;
    }
    const [first, second, third] = words;
    if (first === '!') return negated(this.test(words.slice(1), state));
    if (words.length <= 1) return (first ?? '') !== '';
    if (first === '-n' && third === undefined) return second !== '';
    if (first === '-z' && third === undefined) return second === '';
    if (/^-[edfs]$/.test(first ?? '') && third === undefined) {
      const place = grubPlaceOf(this.start.devices, second ?? '', state.variables.get('root'));
      return place !== undefined && lookUp(place.device, place.path) !== undefined;
    }
    if (second === '=' || second === '==') return first === third;
    if (second === '!=') return first !== third;
    return undefined;
  }
}

/** The state that decides which file is read; it is restored after a branch that may not be taken. */
const DECIDING = ['root', 'prefix'];

/** Commands that succeed wherever they exist; all others may fail. */
const SUCCEEDS = /^(insmod|export|echo|clear|terminal_\w+|serial|play|sleep|eval|load_env|save_env|color|loopback)$/;

const newContext = (): Context => ({ files: [], hasEntries: false });

const negated = (status: Status): Status => (status === undefined ? undefined : !status);

const finished = (files: readonly OpenFile[]): GrubFile[] => {
  const done = new Map<OpenFile, GrubFile>();
  for (const file of files) {
    const by = file.by && done.get(file.by);
    done.set(file, { ...file.place, by, hasEntries: file.hasEntries });
  }
  return [...done.values()];
};
