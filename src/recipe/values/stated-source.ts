/** A source as manifests and bills of materials tell it: without the secrets of a URL, and without where it lies on this host. */
import { posix } from 'node:path';
import { withoutUrlSecrets } from '../secrets/url-secrets.ts';

export const statedSource = (source: string): string =>
  posix.isAbsolute(source) ? posix.basename(source) : withoutUrlSecrets(source);
