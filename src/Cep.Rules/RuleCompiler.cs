namespace Cep.Rules;
public static class RuleCompiler { }
