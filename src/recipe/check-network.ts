/** What the devices of a network may not say: each by itself, and each pair of them. */
import { checkDevice } from './check-network-device.ts';
import { checkPairs } from './check-network-pairs.ts';
import { devicesOf } from './network-devices.ts';
import { carrierOf, type Match, primaryOf } from './network-schema.ts';
import { isAssembled } from './origin-schema.ts';
import type { Path, Problem } from './problem.ts';
import type { Recipe } from './schema.ts';

export const checkAddresses = ({ answers: { network } }: Recipe): Problem[] => {
  const devices = devicesOf(network);
  return [...devices.flatMap((device) => checkDevice(device, devices)), ...checkPairs(devices)];
};

/** What kickstart's `network` command cannot say, where the packages come over the network. */
export const checkAnacondaNetwork = ({ os, origin, answers: { network } }: Recipe): Problem[] => {
  if (os.family === 'debian' || isAssembled(origin) || origin.mirror === undefined) return [];
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
        message: `kickstart takes ${bond ? 'the cards of a bond by their names alone' : 'no pattern'}`,
        hint: 'Name the card by its name: eno1.',
      }));
    });
};
