/** Each verb's command with its options, loaded when it is asked for: by the command line, and by what writes docs/cli.md. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Verb } from './verb.ts';

export const COMMANDS: Readonly<Record<Verb, () => Promise<CommandUnknownOpts>>> = {
  build: async () => (await import('./build.ts')).buildCommand(),
  media: async () => (await import('./media/command.ts')).mediaCommand(),
  render: async () => (await import('./render.ts')).renderCommand(),
  validate: async () => (await import('./validate.ts')).validateCommand(),
  lint: async () => (await import('./lint.ts')).lintCommand(),
  explain: async () => (await import('./explain.ts')).explainCommand(),
  init: async () => (await import('./init.ts')).initCommand(),
  schema: async () => (await import('./schema.ts')).schemaCommand(),
  boot: async () => (await import('./boot.ts')).bootCommand(),
  inspect: async () => (await import('./image/inspect.ts')).inspectCommand(),
  why: async () => (await import('./image/why.ts')).whyCommand(),
  vulns: async () => (await import('./vulns/command.ts')).vulnsCommand(),
  diff: async () => (await import('./image/diff.ts')).diffCommand(),
  test: async () => (await import('./image/test.ts')).testCommand(),
  egress: async () => (await import('./egress/command.ts')).egressCommand(),
  sbom: async () => (await import('./image/sbom.ts')).sbomCommand(),
  verify: async () => (await import('./verify/command.ts')).verifyCommand(),
  check: async () => (await import('./policy/check-image.ts')).checkCommand(),
  policy: async () => (await import('./policy/command.ts')).policyCommand(),
  ci: async () => (await import('./ci/command.ts')).ciCommand(),
  attest: async () => (await import('./attest.ts')).attestCommand(),
  keygen: async () => (await import('./keygen.ts')).keygenCommand(),
  show: async () => (await import('./run/show.ts')).showCommand(),
  shell: async () => (await import('./run/shell.ts')).shellCommand(),
  evidence: async () => (await import('./run/evidence.ts')).evidenceCommand(),
  store: async () => (await import('./store/command.ts')).storeCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
};
