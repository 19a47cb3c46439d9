import { expect, test } from "vitest";
import { socketAddress } from "./socket-address.js";

test.each([
  [
    "postgres://ann:pw@localhost:5433/weft?host=%2Frun%2Fpostgresql",
    "postgres://ann:pw@localhost:5433/weft",
    "/run/postgresql/.s.PGSQL.5433",
  ],
  ["postgres://ann@localhost/weft?host=/a b&sslmode=disable", "postgres://ann@localhost/weft?sslmode=disable", "/a b/.s.PGSQL.5432"],
])("%s has a socket file", (given, url, path) => expect(socketAddress(given)).toEqual({ url, options: { path } }));

test.each(["postgres://ann:pw@db.example:5432/weft?sslmode=require", "postgres://ann@localhost/weft?host=other.example"])(
  "%s is used as it is",
  (url) => expect(socketAddress(url)).toEqual({ url, options: {} }),
);
