// `postrider causes`: the book of causes, where there is no browser.
import { Command } from "commander";
import { type CauseId, cause, causeIds, isCauseId } from "../../../causes/book.ts";
import { exampleRemedy, handlingOf, symptomsOf } from "../../../causes/page.ts";
import { type CommonFlags, withCommon } from "../common.ts";
import { UsageError } from "../exit.ts";
import { output, plain } from "../output.ts";
import { showRemedy } from "../test-report.ts";

const headings = {
  shows: { en: "How it shows", zh: "表现" },
  mail: { en: "What Postrider does about mail that meets it", zh: "Postrider 如何处理遇到它的邮件" },
} as const;

export function causesCommand(): Command {
  const command = new Command("causes")
    .summary("why mail does not leave: every known cause")
    .description("Lists the book of causes, or tells one: how it shows, what it means, what to do.")
    .argument("[id]", "a cause, as `doctor` and `test` name it");
  return withCommon(command).action((id: string | undefined, flags: CommonFlags) => {
    if (id === undefined) list(flags);
    else if (isCauseId(id)) tell(id, flags);
    else throw new UsageError(`There is no cause ${id}. \`postrider causes\` lists them.${nearest(id)}`);
  });
}

/** One with the same last part, which people remember best. */
function nearest(id: string): string {
  const end = id.split(".").at(-1)!;
  const found = causeIds.find((known) => known.includes(end));
  return found === undefined ? "" : ` Did you mean ${found}?`;
}

function list({ json = false, lang }: CommonFlags): void {
  const out = output(json);
  const rows = causeIds.map((id) => ({ id, layer: cause(id).layer, title: exampleRemedy(id, lang).title }));
  out.table(rows.map(({ id, title }) => [id, title]));
  out.data({ data: rows });
}

function tell(id: CauseId, { json = false, lang }: CommonFlags): void {
  const out = output(json);
  const remedy = exampleRemedy(id, lang);
  const symptoms = symptomsOf(id, lang);
  const handling = handlingOf(id, lang);
  showRemedy(out, remedy, id, lang, () => {
    out.line();
    out.line(out.paint("bold", headings.shows[lang]));
    for (const symptom of symptoms) out.prose(plain(symptom), "  • ");
  });
  out.line();
  out.line(out.paint("bold", headings.mail[lang]));
  out.prose(handling, "  ");
  out.data({ id, layer: cause(id).layer, ...remedy, symptoms, handling });
}
