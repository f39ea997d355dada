// What a provider is called in the language of the person.
import type { Provider, Text } from "./provider.ts";

export function nameOf(provider: Provider, language: keyof Text): string {
  return (language === "zh" ? provider.nameZh : undefined) ?? provider.name;
}
