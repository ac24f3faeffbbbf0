/** A policy to start from. */
import { readFile } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import { suggest } from '../suggest.ts';
import { isReady, READY, readyPath } from './ready.ts';

/** A ready one in full, or one that begins with `baseline`. Throws `usage.no-such-policy`. */
export const initialPolicy = async (from: string | undefined): Promise<string> => {
  if (from === undefined) return BEGUN;
  if (isReady(from)) return (await readFile(readyPath(from), 'utf8')).replace(/^# yaml-language-server.*\n/, '');
  const meant = suggest(from, Object.keys(READY));
  throw new IngotError('usage.no-such-policy', `no ready policy has the name ${from}`, {
    hint: meant ? `Did you mean \`${meant}\`?` : `There are ${Object.keys(READY).join(', ')}.`,
  });
};

const BEGUN = `# What our images have to keep. \`ingot check IMAGE --policy THIS\` judges one; \`policy: [THIS]\` in a recipe judges each build
# before it is delivered. docs/policy.md has every part.
description: What our images have to keep.

# What every golden image should keep comes first; what is said here is laid over it, and lists are joined.
include: [baseline]

packages:
  forbid: [popularity-contest]
  # Where packages may come from: hosts, or parts of their names.
  # sources: ["*.example.org"]

units:
  require: [ssh.service]

size:
  image: 2G

age:
  most: 90d

# What is known of its packages: \`--feeds FOLDER\` names what \`ingot vulns fetch\` has written. Missing security updates need no feed.
# vulnerabilities:
#   severity: high
#   fixable: true
#   exploited: forbid
#   pendingUpdates: forbid

# A finding that may stay for a while.
# waivers:
#   - rule: files.worldWritable
#     where: /srv/drop
#     reason: the scanner puts its files there
#     until: 2027-03-31
`;
