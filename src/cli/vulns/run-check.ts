/** From what the command line names to a report: the subject, the vendor's indexes, the feeds, the rules. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { familyOf } from '../../distributions/family-of.ts';
import { distributionOf } from '../../distributions/find.ts';
import { IngotError } from '../../errors.ts';
import { defaultStoreFolder, openStore } from '../../pipeline/store.ts';
import type { Reporter } from '../../report.ts';
import { silentReporter } from '../../report.ts';
import { parseFailOn } from '../../vulns/fail-on.ts';
import { readVexFile } from '../../vulns/feeds/openvex.ts';
import { readFeeds } from '../../vulns/feeds/read.ts';
import { judgeVulnerabilities } from '../../vulns/judge.ts';
import { matchStatements } from '../../vulns/match.ts';
import type { Report } from '../../vulns/report.ts';
import type { KnownUpdates } from '../../vulns/updates.ts';
import { parseWaivers } from '../../vulns/waivers.ts';
import { say } from '../print.ts';
import { readSubject, type VulnSubject } from './subject.ts';

export interface CheckOptions {
  readonly feeds?: string | undefined;
  readonly maxAge: number;
  readonly updates: boolean;
  readonly mirror?: string | undefined;
  readonly securityMirror?: string | undefined;
  readonly keyring?: string | undefined;
  readonly os?: string | undefined;
  readonly failOn?: string | undefined;
  readonly waivers?: string | undefined;
  readonly vex: readonly string[];
  readonly store?: string | undefined;
}

export const checkVulnerabilities = async (
  path: string,
  options: CheckOptions,
  signal: AbortSignal,
): Promise<Report> => {
  // What is wrong with these is said before anything long begins.
  const failOn = options.failOn === undefined ? {} : parseFailOn(options.failOn);
  const waivers =
    options.waivers === undefined ? [] : parseWaivers(await readFile(options.waivers, 'utf8'), options.waivers);
  const ownVex = (await Promise.all(options.vex.map((file) => readVexFile(file)))).flat();
  const subject = await readSubject(path, options.os, signal);
  const { updates, updatesUnknown } = options.updates
    ? await updatesOf(subject, options, signal)
    : { updates: undefined, updatesUnknown: undefined };
  const inventory = withOrigins(subject.inventory, updates);
  const now = new Date();
  const feeds =
    options.feeds === undefined
      ? { facts: [], statements: [], vex: [] }
      : await readFeeds(resolve(options.feeds), inventory, { now, maxAge: options.maxAge, signal });
  return judgeVulnerabilities(
    {
      inventory,
      feeds: feeds.facts,
      matched: matchStatements(inventory, feeds.statements),
      updates,
      updatesUnknown,
      notScanned: subject.notScanned,
    },
    { failOn, waivers, vex: [...ownVex, ...feeds.vex], now },
  );
};

const withOrigins = (
  inventory: VulnSubject['inventory'],
  updates: KnownUpdates | undefined,
): VulnSubject['inventory'] =>
  updates === undefined
    ? inventory
    : {
        ...inventory,
        packages: inventory.packages.map((one) => ({
          ...one,
          origin: updates.thirdParty.has(`${one.name} ${one.architecture}`) ? 'third-party' : 'vendor',
        })),
      };

interface Updates {
  readonly updates: KnownUpdates | undefined;
  readonly updatesUnknown: string | undefined;
}

/** What cannot be looked for is told, and is no failure of the command. */
const updatesOf = async (subject: VulnSubject, options: CheckOptions, signal: AbortSignal): Promise<Updates> => {
  const unknown = (updatesUnknown: string): Updates => ({ updates: undefined, updatesUnknown });
  const family = familyOf(subject.osRelease);
  const source = family && (await (await distributionOf({ os: { family } })).image.updates?.());
  const { id, version } = subject.inventory.system;
  if (source === undefined || !source.isThis(subject.osRelease)) return unknown(`the indexes of ${id} are not read`);
  if (subject.inventory.packages.length === 0) return unknown('it has no packages');
  const architectures = new Set(subject.inventory.packages.map(({ architecture }) => architecture));
  if (!architectures.has('amd64')) return unknown('only amd64 is looked up');
  const store = await openStore(resolve(options.store ?? defaultStoreFolder()));
  const folders = { state: join(store.shared('host'), 'apt'), packages: store.shared('packages') };
  const { mirror, securityMirror, keyring } = options;
  const { components, suites } = subject;
  const wish = { release: version, components, suites, mirror, securityMirror, keyring };
  try {
    return {
      updates: await source.known(subject.inventory.packages, wish, folders, { reporter: notesAlone, signal }),
      updatesUnknown: undefined,
    };
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'interrupted' || error.code === 'host.tool-missing')
      throw error;
    return unknown(`${error.message}${error.where === undefined ? '' : ` (${error.where})`}`);
  }
};

const notesAlone: Reporter = { ...silentReporter, note: say };
