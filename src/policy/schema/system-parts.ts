/** What is installed, and what runs. */
import { z } from 'zod';
import { forbidden, globs } from './fields.ts';

export const packages = z
  .strictObject({
    forbid: globs('Packages that may not be installed; `*` stands for any letters: telnet*.').optional(),
    require: globs('Packages that have to be installed.').optional(),
    most: z.int().min(1).optional().meta({ description: 'The most packages that may be installed.' }),
    untrusted: forbidden.optional().meta({
      description: 'Nothing may be taken without a signature: no source ([trusted=yes]), and apt as a whole.',
    }),
    held: forbidden.optional().meta({ description: 'No package may be held back from updates (apt-mark hold).' }),
    pins: forbidden.optional().meta({
      description:
        'apt may not be told which versions to prefer (apt_preferences(5)): a pin holds updates back, or brings in another suite.',
    }),
    sources: globs(
      'Hosts or paths that apt and dnf may fetch from, as in the sources of the image: *.example.org.',
    ).optional(),
  })
  .meta({ description: 'What may and has to be installed.' });

export const units = z
  .strictObject({
    forbid: globs('Units that may not be enabled: telnet.socket, *.timer.').optional(),
    require: globs('Units that have to be enabled.').optional(),
    onlySockets: z.array(z.string().min(1)).optional().meta({
      description:
        'Socket units that may listen; an empty list allows none. Sockets of services are seen by tests alone.',
    }),
  })
  .meta({ description: 'What systemd starts, as links and unit files on the disk say.' });

export const starts = z
  .strictObject({
    ofNoPackage: forbidden.meta({
      description:
        'What starts by itself (units, jobs of cron and at, hooks of udev, networks, apt, logins, and more) comes from packages, as they were packed.',
    }),
    allow: globs('Paths that may be there all the same: /etc/systemd/system/web.service.').optional(),
  })
  .meta({ description: 'What the system starts by itself.' });

export const privileged = z
  .strictObject({
    only: z
      .array(z.string().min(1))
      .optional()
      .meta({ description: 'Paths that may be setuid, setgid or have capabilities; an empty list allows none.' }),
    interpreters: forbidden.optional().meta({
      description: 'No shell, language, editor or other tool that does whatever it is told may be one.',
    }),
    ofNoPackage: forbidden.optional().meta({ description: 'No such program may be one that no package has.' }),
  })
  .meta({ description: 'Programs that run with more rights than their caller has.' });
