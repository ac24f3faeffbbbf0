/** What systemd starts. */
import { matchesName } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';

export const judgeUnits = (wanted: NonNullable<Policy['units']>, { inspection }: PolicyFacts): Findings => {
  const { enabled, masked, sockets } = inspection.units;
  const { forbid = [], require = [], onlySockets } = wanted;
  const starts = enabled.filter(({ unit }) => !masked.includes(unit));
  return [
    ...starts
      .filter(({ unit }) => matchesName(forbid, unit))
      .map(({ unit, by }) =>
        fails(
          'units.forbid',
          `${unit} is enabled, by ${by.join(', ')}`,
          unit,
          `Switch it off in a step: systemctl mask ${unit}`,
        ),
      ),
    ...require
      .filter((pattern) => !starts.some(({ unit }) => matchesName([pattern], unit)))
      .map((unit) =>
        fails(
          'units.require',
          `${unit} is ${masked.includes(unit) ? 'masked' : 'not enabled'}`,
          unit,
          `Switch it on in a step: systemctl enable ${unit}`,
        ),
      ),
    ...(onlySockets === undefined ? [] : sockets)
      .filter(({ unit }) => !masked.includes(unit) && !matchesName(onlySockets ?? [], unit))
      .filter(({ listens }) => listens.some(isReachable))
      .map(({ unit, listens }) =>
        fails(
          'units.onlySockets',
          `${unit} listens: ${listens.filter(isReachable).join(', ')}`,
          unit,
          `Switch it off in a step: systemctl mask ${unit}`,
        ),
      ),
  ];
};

/** systemd.socket(5): a path or a name in the abstract space is for this machine, as vsock and netlink are. */
const isReachable = (setting: string): boolean => {
  const [key = '', value = ''] = setting.split('=');
  return /^Listen(Stream|Datagram|SequentialPacket)$/.test(key) && !/^[/@]|^vsock:|^%/.test(value);
};
