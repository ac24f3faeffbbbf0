/** A port of a running machine that leads to the build's own sshd in the guest, as the host sees it. */

/** A connection each: a virtio-serial port is one stream. */
export interface Door {
  /** Path of the socket on which QEMU listens. */
  readonly socket: string;
  /** Calls back when the guest has let go of its end: a connection is dead then. Returns how to stop that. */
  onClosed(listener: () => void): () => void;
}
