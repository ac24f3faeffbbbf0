/** What the devices of a network may not say: each by itself, and each pair of them. */

import type { Problem } from '../problems/problem.ts';
import type { Recipe } from '../schema.ts';
import { devicesOf } from '../values/network-devices.ts';
import { checkDevice } from './check-network-device.ts';
import { checkPairs } from './check-network-pairs.ts';

export const checkAddresses = ({ answers: { network } }: Recipe): Problem[] => {
  const devices = devicesOf(network);
  return [...devices.flatMap((device) => checkDevice(device, devices)), ...checkPairs(devices)];
};
