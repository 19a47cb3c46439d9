import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { fastestReach, printReach } from "@weft/testkit/reach";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

test(
  "revoked rights take effect in less than a second, for the next request and for open sockets",
  { tags: "slow", timeout: 120_000 },
  async () => {
    const reached = await fastestReach(() => weft.tenant(), [weft.url]);
    console.log(printReach(reached));
    expect(reached.filter(({ refusedAfterMs, closedAfterMs }) => refusedAfterMs >= 1_000 || closedAfterMs >= 1_000)).toEqual([]);
    expect(reached.map(({ closeCode }) => closeCode)).toEqual([4403, 4403, 4403, 4403, 4401, 4401]);
  },
);
