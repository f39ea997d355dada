// Texts fit the terminal, in both languages, and nothing of them is lost.
import fc from "fast-check";
import { expect, test } from "vitest";
import { cut, terminalColumns, width, wrap } from "./wrap.ts";

test("English breaks between words", () => {
  expect(wrap("The sign-in of ann@example.com was refused.", 20)).toEqual([
    "The sign-in of",
    "ann@example.com was",
    "refused.",
  ]);
});

test("Chinese breaks anywhere but before closing punctuation", () => {
  expect(wrap("密码应填：授权码。用户名应填完整的邮箱地址。", 12)).toEqual([
    "密码应填：授",
    "权码。用户名",
    "应填完整的邮",
    "箱地址。",
  ]);
  for (const line of wrap("获取方式：设置 > 账号（新版为“账号与安全”）> 开启服务，短信验证。", 10))
    expect(line).not.toMatch(/^[、。，；：！？）》”]/);
});

test("a word longer than the line keeps one to itself", () => {
  expect(wrap("see https://support.google.com/mail now", 10)).toEqual([
    "see",
    "https://support.google.com/mail",
    "now",
  ]);
});

test("nothing is lost but the blanks between lines, and no line is too long that could be shorter", () => {
  const words = fc.array(
    fc.constantFrom("mail", "密码", "，", "535", "“授权码”", "（可选）", "a-b", "ü", "✓", "—"),
    {
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(words, fc.constantFrom("", " "), fc.integer({ min: 24, max: 60 }), (parts, gap, columns) => {
      const text = parts.join(gap);
      const lines = wrap(text, columns);
      expect(lines.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
      for (const line of lines)
        if (/[\s\p{Script=Han}]./u.test(line.trim()) && gap === " ")
          expect(width(line)).toBeLessThanOrEqual(columns);
    }),
  );
});

test("a line that is cut says so and fits", () => {
  expect(cut("535 Login fail", 20)).toBe("535 Login fail");
  expect(cut("535 Login fail", 8)).toBe("535 Log…");
  expect(width(cut("登录失败，请检查密码", 9))).toBeLessThanOrEqual(9);
});

test("a cut text ends its colours", () => {
  const red = "\u001b[31m";
  const end = "\u001b[39m";
  expect(cut(`${red}abcdef${end}`, 4)).toBe(`${red}abc…${end}`);
  expect(cut(`${red}abc${end}`, 3)).toBe(`${red}abc${end}`);
  expect(cut("你好吗", 5)).toBe("你好…");
});

test("a terminal that does not know its size is taken for a usual one, and what is none has no width", () => {
  expect(terminalColumns({ isTTY: true, columns: 0 })).toBe(80);
  expect(terminalColumns({ isTTY: true })).toBe(80);
  expect(terminalColumns({ isTTY: true, columns: 120 })).toBe(120);
  expect(terminalColumns({ columns: 120 })).toBeNull();
});
