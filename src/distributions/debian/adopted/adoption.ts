/** A Debian that somebody else has made, as the start of a build. */
import type { Adoption } from '../../distribution.ts';
import { application } from './application.ts';

export const ADOPTION: Adoption = {
  isThis: (osRelease, { release }) => osRelease.get('ID') === 'debian' && osRelease.get('VERSION_ID') === release,
  application,
};
