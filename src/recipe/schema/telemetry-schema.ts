/** What an image that is built sends by itself, and what of it is switched off. Nothing is, unless the recipe says so. */
import { z } from 'zod';

/** Why something sends: what it tells others, or what it fetches. */
export const EGRESS_CLASSES = ['telemetry', 'update-check', 'time', 'dns', 'metadata', 'license', 'ads'] as const;
export type EgressClass = (typeof EGRESS_CLASSES)[number];

/** Of the catalogue (`ingot egress --catalogue`), those that can be switched off in a system; a test holds both together. */
export const SWITCHABLE = [
  'popularity-contest',
  'apt-periodic',
  'systemd-timesyncd',
  'chrony',
  'ntpsec',
  'openntpd',
  'resolved-fallback',
  'resolved-multicast',
  'avahi',
  'networkmanager-connectivity',
  'fwupd-refresh',
  'packagekit',
  'clamav-freshclam',
  'certbot',
  'spamassassin-update',
  'netdata',
  'cloud-init-metadata',
  'azure-agent',
  'google-guest-agent',
  'snapd',
  'motd-news',
  'ubuntu-pro',
  'apport',
  'whoopsie',
  'update-notifier',
  'dnf-makecache',
  'rhsm',
  'insights-client',
  'abrt',
  'suse-connect',
  'amazon-ssm-agent',
  'oracle-cloud-agent',
] as const;

export const telemetrySchema = z
  .strictObject({
    off: z
      .array(z.enum([...EGRESS_CLASSES, ...SWITCHABLE]))
      .default([])
      .meta({
        description:
          'What is switched off after the last step: classes (telemetry, ads, …) or single entries of the catalogue; docs/egress.md lists them. What is not installed is no error.',
      }),
  })
  .meta({ description: 'What the image sends by itself.' });

export type Telemetry = z.output<typeof telemetrySchema>;
