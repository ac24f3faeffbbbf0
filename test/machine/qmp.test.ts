import { Duplex } from 'node:stream';
import t from 'tap';
import { openQmp, type QmpEvent } from '../../src/machine/qmp.ts';

/** Two ends of a socket without a socket. */
const pair = (): { client: Duplex; server: Duplex } => {
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        other().push(chunk);
        done();
      },
      destroy(error, done) {
        other().push(null);
        done(error);
      },
    });
  const client: Duplex = make(() => server);
  const server: Duplex = make(() => client);
  return { client, server };
};

type Answer = (request: { execute: string; id: number }) => string;

/** A QEMU that greets and answers as told. */
const fakeQemu = (answer: Answer): { client: Duplex; server: Duplex } => {
  const { client, server } = pair();
  server.on('data', (data: Buffer) => {
    for (const line of String(data).trim().split('\n')) {
      const request: unknown = JSON.parse(line);
      if (typeof request !== 'object' || request === null || !('execute' in request) || !('id' in request)) continue;
      const reply =
        request.execute === 'qmp_capabilities'
          ? `{"return":{},"id":${request.id}}\n`
          : answer({ execute: String(request.execute), id: Number(request.id) });
      server.push === undefined || server.write(reply);
    }
  });
  server.write('{"QMP":{"version":{},"capabilities":[]}}\r\n');
  return { client, server };
};

t.test('answers find their questions, in any order and in any pieces', async (t) => {
  const held: string[] = [];
  const { client, server } = fakeQemu(({ execute, id }) => {
    held.push(`{"return":"${execute}","id":${id}}\r\n`);
    return '';
  });
  const qmp = await openQmp(client);
  const events: QmpEvent[] = [];
  const release = qmp.subscribe((event) => events.push(event));
  const answers = Promise.all([qmp.execute('one'), qmp.execute('two')]);
  await new Promise(setImmediate);
  const text = `${held[1]}{"event":"STOP","data":{"a":1},"timestamp":{}}\r\n${held[0]}`;
  for (const part of text.match(/.{1,7}/gs) ?? []) server.write(part);
  t.same(await answers, ['one', 'two']);
  t.same(events, [{ event: 'STOP', data: { a: 1 } }]);
  release();
  server.write('{"event":"RESUME"}\n');
  t.equal(events.length, 1);
});

t.test('errors have names', async (t) => {
  const { client, server } = fakeQemu(({ execute, id }) =>
    execute === 'silent' ? '' : `{"error":{"class":"GenericError","desc":"no such thing"},"id":${id}}\n`,
  );
  const qmp = await openQmp(client);
  await t.rejects(qmp.execute('x'), { code: 'machine.qmp-error', message: /no such thing/, detail: 'GenericError' });
  await t.rejects(qmp.execute('silent', {}, { timeout: 30 }), { code: 'machine.qmp-timeout' });
  const open = qmp.execute('silent');
  server.destroy();
  await t.rejects(open, { code: 'machine.qmp-closed' });
  await qmp.closed;
  await t.rejects(qmp.execute('later'), { code: 'machine.qmp-closed' });
});

t.test('what is not QMP', async (t) => {
  const silent = pair();
  await t.rejects(openQmp(silent.client, 30), { code: 'machine.qmp-timeout' });
  const garbage = pair();
  garbage.server.write('SSH-2.0-OpenSSH_9.2\r\n');
  await t.rejects(openQmp(garbage.client, 1000), { code: 'machine.qmp-closed' });
});
