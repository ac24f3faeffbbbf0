/** The work of `ingot egress`: reads the image, starts it when asked, and holds what it found against a policy. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openSubject } from '../../distributions/open-subject.ts';
import { CATALOGUE } from '../../egress/catalogue/catalogue.ts';
import { installedEntries } from '../../egress/installed.ts';
import { judgeEgress, type Looked } from '../../egress/judge.ts';
import { mirrorsOf, nameFlows } from '../../egress/name-flows.ts';
import { observe } from '../../egress/observe/observe.ts';
import { type EgressPolicy, egressPartSchema } from '../../egress/policy.ts';
import { egressPredicate } from '../../egress/predicate.ts';
import type { SinkMode } from '../../egress/sink.ts';
import { IngotError } from '../../errors.ts';
import { PREDICATES } from '../../formats/reports/predicates.ts';
import { temporaryFolder, writeFileWhole } from '../../host/files.ts';
import type { Subject } from '../../inspect/subject.ts';
import { VERDICT_STATUS } from '../../judgement.ts';
import type { DiskBus, Firmware } from '../../machine/spec.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import type { Reporter } from '../../report.ts';
import { hostAccelerator } from '../accelerator.ts';
import { print, say } from '../print.ts';
import { interruptible } from '../signals.ts';
import { catalogueText, egressText } from './text.ts';

export interface EgressOptions {
  readonly observe: boolean;
  readonly mode: SinkMode;
  readonly for: number;
  readonly timers: boolean;
  readonly pcap?: string | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly policy?: string | undefined;
  readonly predicate?: string | undefined;
  /** MiB. */
  readonly memory: number;
  readonly cpus: number;
  readonly firmware: Firmware;
  readonly bus: DiskBus;
  readonly store?: string | undefined;
  readonly json: boolean;
}

export const showCatalogue = (json: boolean): void =>
  print(`${json ? JSON.stringify(CATALOGUE, null, 2) : catalogueText(CATALOGUE)}\n`);

export const egress = async (image: string | undefined, options: EgressOptions): Promise<void> => {
  if (image === undefined)
    throw new IngotError('usage.no-image', 'no image is named', {
      hint: 'Name one, or add --catalogue for what is known.',
    });
  const policy = await policyOf(options);
  using interruption = interruptible();
  const { signal } = interruption;
  await using subject = await openSubject(image, signal);
  const installed = await installedEntries(subject);
  const seen = options.observe ? await observed(image, subject, options, signal) : undefined;
  const mirrors = mirrorsOf(subject.database?.sources.flatMap(({ uris }) => uris) ?? []);
  const flows = seen && nameFlows(seen.flows, { installed, mirrors });
  const looked: Looked = { installed, seen: seen && flows && { ...seen, flows } };
  const judgement = policy && judgeEgress(looked, policy);
  const predicate = egressPredicate(looked, judgement, new Date());
  if (options.predicate !== undefined)
    await writeFileWhole(
      resolve(options.predicate),
      `${JSON.stringify({ predicateType: PREDICATES.egress, predicate }, null, 2)}\n`,
    );
  const title = { image, system: subject.osRelease.get('PRETTY_NAME') ?? 'a system without an os-release' };
  print(
    `${options.json ? JSON.stringify({ ...title, ...looked, judgement: judgement ?? null }, null, 2) : egressText(title, looked, judgement)}\n`,
  );
  if (judgement) process.exitCode = VERDICT_STATUS[judgement.verdict];
};

/** Undefined: nothing is to be judged. What the command line allows takes the place of what the policy does. */
const policyOf = async ({ allow, policy }: EgressOptions): Promise<EgressPolicy | undefined> => {
  if (policy === undefined && allow === undefined) return undefined;
  const { egress, telemetry } = policy === undefined ? {} : (await readPolicy(policy)).policy;
  return { egress: allow === undefined ? egress : allowedBy(allow), telemetry };
};

const allowedBy = (allow: readonly string[]): EgressPolicy['egress'] => {
  const checked = egressPartSchema.safeParse({ allow });
  if (checked.success) return checked.data;
  throw new IngotError('usage.egress-allow', 'this cannot be allowed', {
    where: '--allow',
    detail: checked.error.issues.map(({ message }) => message).join('\n'),
    hint: 'docs/egress.md has an example.',
  });
};

const observed = async (image: string, subject: Subject, options: EgressOptions, signal: AbortSignal) => {
  const reporter: Reporter = { line: () => {}, progress: () => {}, phase: say, note: say };
  const accelerator = await hostAccelerator({ store: options.store, reporter, signal });
  await using folder = await temporaryFolder('ingot-egress-');
  const path = resolve(image);
  const { cpus, firmware, bus } = options;
  const pcap = options.pcap === undefined ? undefined : resolve(options.pcap);
  return await observe(
    { path, format: subject.disk.format, allocated: (await stat(path)).blocks * 512, systemd: systemdOf(subject) },
    {
      ...{ mode: options.mode, length: options.for, timers: options.timers, pcap, accelerator },
      machine: { cpus, firmware, bus, memory: options.memory * 2 ** 20 },
    },
    { folder: folder.path, reporter, signal },
  );
};

const systemdOf = ({ database }: Subject): number | undefined => {
  const version = database?.packages.find(({ name }) => name === 'systemd')?.version;
  const major = /^(?:\d+:)?(\d+)/.exec(version ?? '')?.[1];
  return major === undefined ? undefined : Number(major);
};
