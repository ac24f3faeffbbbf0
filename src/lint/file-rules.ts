/** Rules about a file as such, whatever installer it is for. */
import type { Rule } from './rule.ts';

export const FILE_RULES = {
  release: {
    name: 'file/release',
    severity: 'info',
    summary: 'The file names a release that is not known here; the finding says which one it was checked for.',
    source: 'pykickstart/version.py: versionFromFile',
    bad: '#version=RHEL7\nlang en_US.UTF-8\n',
    good: '#version=RHEL9\nlang en_US.UTF-8\n',
  },
  notLinted: {
    name: 'file/not-linted',
    severity: 'error',
    summary:
      'The file could not be read, or it is not of a kind that is linted. The other files of the call are still linted.',
    source: 'docs/linting.md',
    bad: '#!/bin/sh\nreboot\n',
    good: 'text\n',
  },
  unknownRule: {
    name: 'file/unknown-rule',
    severity: 'warning',
    summary: 'The name to switch off is not the name of a rule, so nothing is switched off.',
    source: 'ingot lint --rules',
    bad: '# ingot-lint: ignore kickstart/unknown-comand\ntext\n',
    good: '# ingot-lint: ignore kickstart/unknown-command\ntext\n',
  },
} as const satisfies Record<string, Rule>;
