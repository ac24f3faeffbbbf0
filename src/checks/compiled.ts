/** The checks of a recipe as assertions, files that they name read: goss files are taken over, suites get their text. */
import { readFile } from 'node:fs/promises';
import { canonicalJson } from '../canonical-json.ts';
import { IngotError, messageOf } from '../errors.ts';
import { sha256 } from '../host/files.ts';
import { hostFile } from '../recipe/load/host-files.ts';
import type { Check, OpenscapCheck } from '../recipe/schema/test-checks-schema.ts';
import type { Tests } from '../recipe/schema/tests-schema.ts';
import { systemHint } from '../system-error.ts';
import { readGoss } from './goss.ts';
import { commandChecks } from './kinds/command.ts';
import { fileChecks } from './kinds/file.ts';
import { httpChecks } from './kinds/http.ts';
import { mountChecks, sysctlChecks } from './kinds/kernel.ts';
import { type NamedContent, openscapChecks } from './kinds/openscap.ts';
import { packageChecks } from './kinds/package.ts';
import { onlyPortsChecks, portChecks } from './kinds/port.ts';
import { setuidChecks, worldWritableChecks } from './kinds/rights.ts';
import { serviceChecks } from './kinds/service.ts';
import { suiteChecks } from './kinds/suite.ts';
import { userChecks } from './kinds/user.ts';
import { shortName } from './openscap/content.ts';
import type { Planned } from './planned.ts';

/** Tests with all that they read from the host. */
export interface CompiledTests {
  readonly tests: Tests;
  /** The text of suites and goss files, by the path as it is written. */
  readonly texts: ReadonlyMap<string, string>;
  /** SHA-256 of all that is asked, the texts included. */
  readonly digest: string;
  /** Each name once. */
  readonly planned: readonly Planned[];
  /** How long a restart may take, where one is asked for; milliseconds as with KVM. */
  readonly reboot: number | undefined;
}

/** `folder`: where files are looked for. Throws `recipe.goss`, `recipe.openscap` and `recipe.unreadable`. */
export const compileTests = async (tests: Tests, folder: string): Promise<CompiledTests> => {
  const texts = new Map<string, string>();
  for (const check of tests.checks) {
    for (const file of filesOf(check)) texts.set(file, await textOf(hostFile(folder, file)));
  }
  const reboots = tests.checks.flatMap((check) => ('reboot' in check ? [check.reboot.within] : []));
  const profiles = tests.checks.flatMap((check) => ('openscap' in check ? [shortName(check.openscap.profile)] : []));
  const planned = tests.checks.flatMap((check) => plannedOf(check, { texts, folder, profiles }));
  const digests = [...texts].map(([path, text]) => [path, sha256(text)]);
  const digest = sha256(canonicalJson({ tests, texts: Object.fromEntries(digests) }));
  return {
    tests,
    texts,
    digest,
    planned: uniquelyNamed(planned),
    reboot: reboots.length === 0 ? undefined : Math.max(...reboots),
  };
};

const filesOf = (check: Check): readonly string[] => {
  if ('suite' in check) return [check.suite.file];
  if ('goss' in check) return [check.goss];
  if (!('openscap' in check)) return [];
  const { datastream, tailoring } = check.openscap;
  return [datastream, ...(tailoring === undefined ? [] : [tailoring])];
};

interface Read {
  readonly texts: ReadonlyMap<string, string>;
  readonly folder: string;
  /** Short names of the profiles that are judged, each as often as it is. */
  readonly profiles: readonly string[];
}

const plannedOf = (check: Check, read: Read): Planned[] => {
  const { texts, folder, profiles } = read;
  if ('package' in check) return packageChecks(check.package);
  if ('service' in check) return serviceChecks(check.service);
  if ('port' in check) return portChecks(check.port);
  if ('onlyPorts' in check) return onlyPortsChecks(check.onlyPorts);
  if ('file' in check) return fileChecks(check.file);
  if ('user' in check) return userChecks(check.user);
  if ('setuid' in check) return setuidChecks(check.setuid);
  if ('worldWritable' in check) return worldWritableChecks(check.worldWritable);
  if ('sysctl' in check) return sysctlChecks(check.sysctl);
  if ('mount' in check) return mountChecks(check.mount);
  if ('command' in check) return commandChecks(check.command);
  if ('http' in check) return httpChecks(check.http);
  if ('suite' in check) return suiteChecks(check.suite, texts.get(check.suite.file) ?? '');
  if ('goss' in check) return readGoss(texts.get(check.goss) ?? '', check.goss).flatMap((one) => plannedOf(one, read));
  if ('openscap' in check) {
    const isOneOfSeveral = profiles.filter((one) => one === shortName(check.openscap.profile)).length > 1;
    return openscapChecks(check.openscap, contentOf(check.openscap, texts, folder), isOneOfSeveral);
  }
  // The restart is the machine's own, and is judged with its boot.
  return 'reboot' in check ? [] : (check satisfies never);
};

const contentOf = (
  { datastream, tailoring }: OpenscapCheck,
  texts: ReadonlyMap<string, string>,
  folder: string,
): NamedContent => ({
  paths: {
    datastream: hostFile(folder, datastream),
    tailoring: tailoring === undefined ? undefined : hostFile(folder, tailoring),
  },
  datastream: texts.get(datastream) ?? '',
  tailoring: tailoring === undefined ? undefined : texts.get(tailoring),
});

/** A result is known by its name, so the second of the same name gets a number. */
const uniquelyNamed = (planned: readonly Planned[]): Planned[] => {
  const times = new Map<string, number>();
  return planned.map((one) => {
    const nth = (times.get(one.name) ?? 0) + 1;
    times.set(one.name, nth);
    return nth === 1 ? one : { ...one, name: `${one.name} (${nth})` };
  });
};

const textOf = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new IngotError('recipe.unreadable', `a file of the tests cannot be read: ${messageOf(error)}`, {
      where: path,
      hint: systemHint(error, 'Files are named beside the recipe.'),
      cause: error,
    });
  }
};
