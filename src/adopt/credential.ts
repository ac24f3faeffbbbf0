/**
 * systemd's credentials by the firmware (SMBIOS type 11; systemd.system-credentials(7), version 256 and later): the unit of
 * the build's way in, and that the system wants it.
 */
import { DOOR_SERVICE, earlyAccessUnit } from '../access/access.ts';

export const doorCredentials = (): string[] => [
  credential(`systemd.extra-unit.${DOOR_SERVICE}`, earlyAccessUnit()),
  credential('systemd.unit-dropin.multi-user.target~ingot', `[Unit]\nWants=${DOOR_SERVICE}\n`),
];

const credential = (name: string, content: string): string =>
  `io.systemd.credential.binary:${name}=${Buffer.from(content).toString('base64')}`;
