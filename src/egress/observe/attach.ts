/** A machine's network led to a sink: its frames in, the answers back, and all of them into a capture file. */
import { createWriteStream } from 'node:fs';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { framed, frameReader } from '../network/framing.ts';
import { pcapHeader, pcapRecord } from '../network/pcap.ts';
import type { Sink } from '../sink.ts';

/** Disposing closes the capture file. The frames end with QEMU. `pcap`: where the capture goes. */
export const attachSink = (frames: Duplex, sink: Sink, pcap: string | undefined): AsyncDisposable => {
  const reader = frameReader();
  const capture = pcap === undefined ? undefined : createWriteStream(pcap, { mode: 0o600 });
  const isWritten = capture && finished(capture);
  // Told when it is closed; until then it is nobody's.
  isWritten?.catch(() => {});
  const keep = (frame: Buffer) => void capture?.write(pcapRecord(frame, Date.now()));
  capture?.write(pcapHeader());
  const onData = (bytes: Buffer): void => {
    for (const frame of reader.push(bytes)) {
      keep(frame);
      for (const answer of sink.take(frame)) {
        keep(answer);
        frames.write(framed(answer));
      }
    }
  };
  frames.on('data', onData);
  return {
    async [Symbol.asyncDispose]() {
      frames.off('data', onData);
      capture?.end();
      await isWritten;
    },
  };
};
