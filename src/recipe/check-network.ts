/** What the devices of a network may not say: each by itself, and each pair of them. */
import { checkDevice } from './check-network-device.ts';
import { checkPairs } from './check-network-pairs.ts';
import { devicesOf } from './network-devices.ts';
import type { Problem } from './problem.ts';
import type { Recipe } from './schema.ts';

export const checkAddresses = ({ answers: { network } }: Recipe): Problem[] => {
  const devices = devicesOf(network);
  return [...devices.flatMap((device) => checkDevice(device, devices)), ...checkPairs(devices)];
};
