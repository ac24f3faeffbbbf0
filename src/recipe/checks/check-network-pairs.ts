/** What two devices of a network may not both say. */

import type { Problem } from '../problems/problem.ts';
import type { Interface, Match } from '../schema/network-schema.ts';
import { cidrOf, hasEnds, ipOf, isSame, overlap } from '../values/ip.ts';
import type { GivenDevice } from '../values/network-devices.ts';

export const checkPairs = (devices: readonly GivenDevice[]): Problem[] =>
  devices
    .flatMap((device, index) => devices.slice(0, index).flatMap((earlier) => checkPair(earlier, device)))
    .concat(
      devices.flatMap(({ path, given }) => {
        const members = given.bond?.members ?? [];
        return members.flatMap((member, index) =>
          members.slice(0, index).some((other) => covers(other, member))
            ? [{ path: [...path, 'bond', 'members', index], message: 'the card is a member already' }]
            : [],
        );
      }),
    );

const checkPair = (earlier: GivenDevice, device: GivenDevice): Problem[] => {
  const { path, given } = device;
  const problems: Problem[] = [];
  if (given.name !== undefined && given.name === earlier.given.name)
    problems.push({ path: [...path, 'name'], message: `\`${given.name}\` is there twice` });
  const cards = (one: Interface): readonly Match[] => [...(one.match ? [one.match] : []), ...(one.bond?.members ?? [])];
  for (const [mine, other] of [
    [given, earlier.given],
    [earlier.given, given],
  ] as const)
    if (
      (mine.bond ?? mine.vlan) !== undefined &&
      cards(other).some((card) => 'name' in card && card.name === mine.name)
    )
      problems.push({ path: [...path, 'name'], at: 'key', message: `${mine.name} is the name of a card as well` });
  for (const card of cards(given))
    if (cards(earlier.given).some((other) => covers(other, card)))
      problems.push({
        path: [...path, given.bond ? 'bond' : 'match'],
        message: `${'mac' in card ? card.mac : card.name} is already matched by an earlier device, and the first one counts`,
        hint: 'Put the narrower pattern first, or match by MAC address.',
      });
  if (given.vlan && earlier.given.vlan?.of === given.vlan.of && earlier.given.vlan.id === given.vlan.id)
    problems.push({
      path: [...path, 'vlan', 'id'],
      message: `VLAN ${given.vlan.id} of ${given.vlan.of} is there twice`,
    });
  for (const [index, address] of device.addresses.entries())
    for (const other of earlier.addresses) {
      const at = device.at('address', index);
      if (isSame(address, other))
        problems.push({ path: at, message: `another device has ${address.text.split('/')[0]}` });
      else if (hasEnds(address) && hasEnds(other) && overlap(address, other))
        problems.push({
          path: at,
          message: `its network overlaps with that of ${other.text} on another device`,
          hint: 'Two cards in one network are a bond; a second address goes into the list of the first device.',
        });
    }
  for (const [index, gateway] of given.gateways.entries())
    if (earlier.given.gateways.some((other) => ipOf(other).version === ipOf(gateway).version))
      problems.push({
        path: device.at('gateway', index),
        message: 'another device has the default gateway',
        hint: 'Set it on one of them; networks reached through the other one go into its `routes`.',
      });
  for (const [index, route] of given.routes.entries())
    if (
      earlier.given.routes.some(
        ({ to, metric }) =>
          isSame(cidrOf(to), cidrOf(route.to)) && to.endsWith(`/${cidrOf(route.to).prefix}`) && metric === route.metric,
      )
    )
      problems.push({
        path: [...path, 'routes', index],
        message: `another device has a route to ${route.to} with the same metric`,
      });
  return problems;
};

/** Whether the first one takes every card that the second one means; a MAC address and a name cannot be compared. */
const covers = (first: Match, second: Match): boolean => {
  if ('mac' in first) return 'mac' in second && first.mac === second.mac;
  if (!('name' in second)) return first.name === '*';
  if (first.name === second.name) return true;
  const pattern = first.name
    .replaceAll(/[.+^${}()|\\-]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return /[*?]/.test(first.name) && !/[*?]/.test(second.name) && new RegExp(`^${pattern}$`).test(second.name);
};
