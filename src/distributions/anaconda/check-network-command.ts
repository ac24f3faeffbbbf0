/** What kickstart's `network` command cannot say, where the packages come over the network. */

import type { Path, Problem } from '../../recipe/problems/problem.ts';
import { carrierOf, type Match, primaryOf } from '../../recipe/schema/network-schema.ts';
import { installerMirror } from '../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { devicesOf } from '../../recipe/values/network-devices.ts';

export const checkNetworkCommand = ({ origin, answers: { network } }: Recipe): Problem[] => {
  if (installerMirror(origin) === undefined) return [];
  const isNamed = (card: Match): boolean => 'name' in card && !/[*?]/.test(card.name);
  const devices = devicesOf(network);
  const all = devices.map(({ given }) => given);
  const primary = primaryOf(all);
  const used = primary && carrierOf(primary, all);
  return devices
    .filter(({ given }) => given === used)
    .flatMap(({ path, given: { match, bond } }) => {
      const wrong: Path[] = [
        ...(match !== undefined && !isNamed(match) && !('mac' in match) ? [[...path, 'match', 'name']] : []),
        ...(bond?.members ?? []).flatMap((member, index) =>
          isNamed(member) ? [] : [[...path, 'bond', 'members', index]],
        ),
      ];
      return wrong.map((path) => ({
        path,
        message: `kickstart takes ${bond ? 'the cards of a bond only by name' : 'no pattern'}`,
        hint: 'Name the card by its name: eno1.',
      }));
    });
};
