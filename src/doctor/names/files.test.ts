// resolv.conf and the hosts file, read as the system's resolver reads them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeOf } from "./addresses.ts";
import { hostsLines, parseResolverFile } from "./files.ts";

describe("resolv.conf", () => {
  test("the first three name servers, the last search line, and ndots", () => {
    const text = [
      "# made by hand",
      "; also a comment",
      "domain old.example",
      "nameserver 10.0.0.1",
      "  nameserver\t10.0.0.2  ",
      "search a.example b.example .",
      "options edns0 ndots:5 rotate",
      "nameserver fe80::1%eth0",
      "nameserver 10.0.0.4",
    ].join("\n");
    expect(parseResolverFile(text)).toEqual({
      servers: ["10.0.0.1", "10.0.0.2", "fe80::1%eth0"],
      search: ["a.example", "b.example"],
      ndots: 5,
    });
  });

  test("an empty file has the resolver's own defaults, and ndots has a bound", () => {
    expect(parseResolverFile("")).toEqual({ servers: [], search: [], ndots: 1 });
    expect(parseResolverFile("options ndots:99").ndots).toBe(15);
    expect(parseResolverFile("options ndots:x").ndots).toBe(1);
  });
});

describe("hosts", () => {
  test("lines that name the host, in any letter case, also as an alias", () => {
    const text = [
      "127.0.0.1 localhost",
      "# 10.0.0.1 smtp.qq.com",
      "10.0.0.2\tmail smtp.QQ.com # the relay",
      "10.0.0.3 smtp.qq.com.example",
      "nonsense smtp.qq.com",
      "::1 smtp.qq.com.",
    ].join("\r\n");
    expect(hostsLines(text, "smtp.qq.com")).toEqual([
      { line: 3, address: "10.0.0.2" },
      { line: 6, address: "::1" },
    ]);
  });

  test("a list of blocked names repeats itself, and a few lines are enough", () => {
    expect(hostsLines("0.0.0.0 a.example\n".repeat(1000), "a.example")).toHaveLength(8);
  });
});

test("whatever the files hold, what is read from them stays within its bounds", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom("nameserver", "nameserver 1.1.1.1", "search", "domain x", "options ndots:7", "1.1.1.1 h"),
  );
  fc.assert(
    fc.property(fc.array(line), fc.string(), (lines, host) => {
      const { servers, ndots } = parseResolverFile(lines.join("\n"));
      expect(servers.length).toBeLessThanOrEqual(3);
      expect(ndots).toBeLessThanOrEqual(15);
      for (const { line: at } of hostsLines(lines.join("\n"), host))
        expect(at).toBeLessThanOrEqual(lines.join("\n").split("\n").length);
    }),
  );
});

test.each([
  ["0.0.0.0", "nothing"],
  ["::", "nothing"],
  ["127.1.2.3", "here"],
  ["::1", "here"],
  ["10.9.8.7", "private"],
  ["100.64.0.1", "private"],
  ["fd00::1", "private"],
  ["fe80::1%eth0", "private"],
  ["::ffff:127.0.0.1", "here"],
  ["198.18.0.7", "substitute"],
  ["203.0.113.7", "public"],
  ["2001:db8::1", "public"],
])("%s leads to a place that is %s", (address, place) => {
  expect(placeOf(address)).toBe(place);
});
