/** What may leave an image, as a policy and a recipe's tests write it: a protocol, or a host with or without a port. */
import { z } from 'zod';

/** Whole protocols; `dns` is asking the name servers that the network names. */
export const ALLOWED_PROTOCOLS = ['dhcp', 'dns', 'ntp', 'icmp', 'mdns', 'llmnr'] as const;

const HOST = /^(\[[0-9a-f:]+\]|[a-z0-9*_-]+(\.[a-z0-9*_-]+)*)(:\d{1,5}(\/(tcp|udp))?)?$/i;

export const allowedFlow = z
  .string()
  .refine((word) => HOST.test(word), 'a protocol (dhcp, dns, …), or HOST[:PORT[/tcp|udp]], such as mirror.example:443')
  .meta({ description: 'A protocol, or a host with or without a port; `*` stands for any part of its name.' });
