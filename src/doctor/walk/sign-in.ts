// How signing in went, by each mechanism that server and account share.
import type { WalkFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import type { Setting } from "../test.ts";
import { msOf, words } from "./told.ts";

export function readSignIn({ credentials }: Setting, walk: WalkFacts): readonly Finding[] {
  const base = { probe: "sign-in", layer: "auth", ms: msOf(walk, "auth") } as const;
  const worked = walk.signIns.filter(({ ok }) => ok).map(({ mechanism }) => mechanism);
  const refused = walk.signIns.find(({ ok }) => !ok);
  if (walk.failure?.facts.stage === "auth") return [];
  const [first, ...more] = worked;
  if (first === undefined) {
    const came = walk.result.steps.some(({ name, ok }) => name === "mail" && ok) || walk.failure === null;
    return credentials === null && came
      ? [
          {
            ...base,
            status: "skipped",
            detail: {
              en: "The account has no user name and secret, so it does not sign in",
              zh: "账号没有设置用户名和密码，因此不登录",
            },
          },
        ]
      : [];
  }
  if (refused !== undefined) {
    const said = words(refused.reply);
    return [
      {
        ...base,
        status: "warn",
        detail: {
          en: `Signing in works by ${worked.join(", ")} and is refused by ${refused.mechanism}, which the server offers as well: ${said.en}`,
          zh: `用 ${worked.join("、")} 可以登录，而服务器同样提供的 ${refused.mechanism} 被拒绝：${said.zh}`,
        },
        evidence: [
          {
            en: `User name and secret are right, as ${first} shows. A program that takes ${refused.mechanism} first cannot sign in.`,
            zh: `${first} 登录成功，说明用户名和密码没有问题。优先使用 ${refused.mechanism} 的程序将无法登录。`,
          },
        ],
      },
    ];
  }
  return [
    {
      ...base,
      status: "ok",
      detail:
        more.length === 0
          ? { en: `Signed in by ${first}`, zh: `已用 ${first} 登录` }
          : {
              en: `Signed in by ${first}; ${more.join(", ")} ${more.length === 1 ? "works" : "work"} as well`,
              zh: `已用 ${first} 登录；${more.join("、")} 也可用`,
            },
    },
  ];
}
