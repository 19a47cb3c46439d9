/** A name server for tests, with TXT records only. */
import DNS from "dns2";

export interface NameServer {
  /** `address:port` */
  readonly address: string;
  /** Texts by name. Names without texts do not exist. */
  readonly texts: Map<string, readonly string[]>;
  /** Whether it answers SERVFAIL. */
  isBroken: boolean;
  close(): Promise<void>;
}

export async function startNameServer(): Promise<NameServer> {
  const texts = new Map<string, readonly string[]>();
  const server = DNS.createServer({
    udp: true,
    handle: (request, send) => {
      const answer = DNS.Packet.createResponseFromRequest(request);
      const name = request.questions[0]?.name ?? "";
      const found = texts.get(name.toLowerCase()) ?? [];
      // SERVFAIL and NXDOMAIN.
      answer.header.rcode = nameServer.isBroken ? 2 : found.length === 0 ? 3 : 0;
      if (!nameServer.isBroken)
        for (const data of found)
          answer.answers.push({ name, type: DNS.Packet.TYPE.TXT, class: DNS.Packet.CLASS.IN, ttl: 0, data } as never);
      void send(answer);
    },
  });
  const listening = await server.listen({ udp: { port: 0, address: "127.0.0.1" } });
  const nameServer: NameServer = {
    address: `127.0.0.1:${(listening.udp as { port: number }).port}`,
    texts,
    isBroken: false,
    close: async () => {
      await server.close();
    },
  };
  return nameServer;
}
