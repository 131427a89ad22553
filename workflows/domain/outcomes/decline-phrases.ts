/**
 * How models decline, language by language: the words of a sentence that says no. Each pattern is tried on one sentence
 * of bounded length, in lower case, with straight quotes. Pure data.
 */

import { widen } from './wide-patterns.ts'

export interface DeclinePhrases {
  /** Says no by itself, whatever is declined: "I can't help with that", "against my guidelines". */
  firm: RegExp[]
  /** Says that something cannot be done or seen; often the answer follows all the same. */
  soft: RegExp[]
}

/** What an assistant does for people. "I cannot find an order" is an answer, "I cannot provide orders" a decline. */
const service =
  '(?:help|assist|comply|fulfil+|provide|support|create|generate|write|share|discuss|engage|continue|participate|do (?:that|this|it|so)|answer|respond|give|offer|produce|compose|draft|tell|reveal|disclose|access|open|read|view|see (?:the |your |any |this )?(?:image|picture|photo|file|attachment|document|screen|link|video)|browse|look (?:up|into)|retrieve|fetch|identify|recogni[sz]e|predict|make|reproduce|issue|process|perform|complete|carry out|endorse|advise|diagnose|execute|run|send|book|play|check|facilitate|encourage|promote|speak|comment)'
const manner =
  '(?:(?:really|simply|just|currently|unfortunately|also|directly|actually|personally|therefore|respectfully|in good conscience|be able to) )*'
const cannot =
  "(?:can't|cannot|can not|could not|couldn't|am unable to|'m unable to|are unable to|unable to|(?:am |'m |are |'re )?not able to|won't be able to|will not be able to|wouldn't be able to|(?:am|'m|are|'re) not in a position to|(?:am|'m|are|'re) incapable of|(?:am|'m|are|'re) not (?:permitted|allowed|authori[sz]ed|designed|programmed|equipped) to)"
const rules =
  '(?:guidelines?|polic(?:y|ies)|principles|terms of (?:use|service)|programming|code of conduct|safety rules|ethical standards|content rules)'

const english: DeclinePhrases = {
  firm: [
    new RegExp(
      `^(?:.{0,80}[ ,;:])?(?:i|we) ?(?:'m |am |'re |are )?(?:sorry,? )?(?:but )?(?:i )?${manner}${cannot} ${manner}(?:to )?(?:help(?! but)|assist|comply|fulfil+|support|engage|participate|facilitate|do (?:that|this|so)|continue with)`,
    ),
    /(?:^|[ ,;:])(?:i|we)(?:'ll| will| must| have to| need to|'d have to| would have to|'ve to|'m going to| am going to)? (?:respectfully |politely |firmly )?(?:decline|refuse)(?! of| to (?:believe|accept that|think))\b/,
    /(?:^|[ ,;:])(?:i|we)(?:'m| am| are|'re)? (?:going to |will |must |have to |need to |'ll )?(?:turn (?:it|this|that) down|pass on (?:it|this|that))/,
    /\bthat (?:is|'s)? ?(?:a request|something) (?:that )?i (?:have to|must|need to|will) (?:turn down|decline|refuse|pass on)|^(?:that|this) is a request (?:that )?i\b/,
    /(?:^|[ ,;:])(?:i|we) (?:won't|will not|shall not)(?! (?:lie|bore|pretend|repeat|go into|sugarcoat|spoil|deny|say that|claim|forget|be late|take long|only|just|stop))\b/,
    /(?:^|[ ,;:])i(?:'d| would) (?:rather|prefer) not\b|(?:^|[ ,;:])i prefer not to\b/,
    /(?:^|[ ,;:])(?:i|we)(?:'m| am| do| are|'re)?(?: not|n't) (?:feel )?(?:comfortable|willing)\b/,
    /\bnot (?:something|a (?:request|topic|subject|task)) (?:that )?(?:i|we)(?:'m|'re|'ll)?\b/,
    new RegExp(
      `\\b(?:against|violat\\w+|breach\\w*|contrary to|conflict\\w* with|not in line with|not permitted by|prohibited by|forbidden by|not allowed (?:by|under))\\b[^.]{0,50}\\b(?:my|our|usage|content|openai|anthropic|google|safety|ethical|community|these)\\b[^.]{0,30}\\b${rules}`,
    ),
    new RegExp(
      `\\bmy ${rules} (?:don't|do not|doesn't|does not|prevent|forbid|prohibit|prevents|forbids|prohibits)\\b`,
    ),
    /\b(?:would|is|wouldn't|isn't) ?(?:not )?(?:be )?(?:in)?(?:appropriate|unethical|irresponsible|ethical|responsible) (?:of me |for me )to\b/,
    /\bas an? (?:ai|artificial intelligence|(?:large )?language model)(?: language model| model| assistant| system| chatbot)?(?:,| i\b| by)[^.]{0,60}\b(?:can't|cannot|unable|not able|don't|do not|beyond|not (?:permitted|allowed|possible))\b/,
    /\bi(?:'m| am) (?:just |only |merely )?an? (?:ai|(?:large )?language model|virtual assistant|chatbot|assistant)\b[^.]{0,60}\b(?:can't|cannot|unable|not able)\b/,
  ],
  soft: [
    new RegExp(
      `^(?:.{0,80}[ ,;:])?(?:i|we) ?(?:'m |am |'re |are )?${manner}${cannot} ${manner}(?:to )?${service}\\b(?! but\\b)`,
    ),
    new RegExp(
      `^(?:(?:i'm |i am )?(?:very |so |truly )?(?:sorry|afraid)|sorry|i apologi[sz]e|apologies|my apologies|unfortunately)\\b[^.]{0,60}\\b${cannot} ${manner}(?:to )?${service}\\b(?! but\\b)`,
    ),
    /(?:^|[ ,;:])(?:i|we) (?:currently |unfortunately |also |do )*(?:don't|do not|have no|lack|not|haven't)(?: currently| yet| actually)?(?: have)?(?: any| the| direct| real-time| live)* ?(?:access|ability|abilities|capability|capabilities|capacity|means|tools?|way (?:of|to)|permission|possibility)\b/,
    /(?:^|[ ,;:])i (?:do not|don't) (?:currently |actually )?(?:have (?:any |the )?(?:real-time|live|current|up-to-date|personal|specific)? ?(?:information|data|details|knowledge|records?|opinions?)\b|know (?:the answer|that|who|what|when|where)\b)/,
    /\b(?:outside|beyond|not (?:within|part of)|exceeds)(?: of)? (?:the scope of )?(?:what i|my)\b/,
    /\b(?:not|n't|im)possible for me\b|\bnot (?:possible|able) (?:for|to) me\b/,
  ],
}

const german: DeclinePhrases = {
  firm: [
    /(?:kann|darf|werde|möchte|könnte) (?:ich|wir)(?: \S+){0,5}? nicht(?: \S+){0,3}? (?:helfen|weiterhelfen|behilflich|unterstützen|dienen|mitwirken|mitmachen|nachkommen|entsprechen|erfüllen|machen|tun)/,
    /(?:ich|wir) (?:kann|können|darf|dürfen|werde|möchte|will)(?: \S+){0,6}? (?:nicht|keine?n?)(?: \S+){0,4}? (?:helfen|weiterhelfen|behilflich|unterstützen|mitwirken|nachkommen|entsprechen|erfüllen|beantworten|herausgeben|verfassen|schreiben|erstellen)/,
    /(?:dabei|damit|dazu|hierbei) (?:möchte|will|kann|werde) ich (?:\S+ ){0,3}?nicht/,
    /werde ich (?:dir|ihnen|euch) (?:\S+ ){0,3}?(?:keine?n?|nicht)\b|ich werde (?:dir|ihnen|euch|das|dies) (?:\S+ ){0,3}?(?:keine?n?|nicht)\b/,
    /(?:verst(?:ößt|oßt|össt|oßen)|widerspricht|nicht vereinbar|gegen)(?: \S+){0,3}? (?:meine|meinen|unsere|die|den)(?: \S+)? ?(?:richtlinien|grundsätze|grundsätzen|nutzungsbedingungen|prinzipien|vorgaben)/,
    /(?:muss|lehne) ich (?:\S+ ){0,4}?(?:ablehnen|ab)\b|ich (?:muss|lehne) (?:\S+ ){0,4}?(?:ablehnen|ab\b)/,
    /kommt für mich nicht in (?:frage|betracht)/,
    /(?:das|dies|darauf|diese[nrs]? \w+) (?:kann|darf|werde|möchte) ich (?:\S+ ){0,3}?nicht (?:\S+ ){0,2}?(?:beantworten|bearbeiten|ausführen|machen|tun|antworten|sagen|erledigen|erfüllen)/,
  ],
  soft: [
    /(?:ich|wir)(?: \S+){0,4}? (?:keinen|keine) (?:direkten |aktuellen )?(?:zugriff|zugang|möglichkeit|berechtigung)|(?:habe|haben|hat) (?:ich|wir) (?:\S+ ){0,3}?(?:keinen|keine) (?:zugriff|zugang|möglichkeit)/,
    /ich darf (?:\S+ ){0,3}?(?:keine?n?|nicht)\b|darf ich (?:\S+ ){0,3}?(?:keine?n?|nicht)\b/,
    /(?:ich bin|bin ich) (?:\S+ ){0,3}?nicht (?:in der lage|befugt|berechtigt|imstande)|ist (?:es )?mir (?:\S+ ){0,3}?nicht (?:möglich|erlaubt|gestattet)|es ist mir (?:\S+ ){0,3}?nicht (?:möglich|erlaubt)/,
    /(?:ich|wir) (?:kann|können|darf) (?:\S+ ){0,6}?(?:nicht|keine?n?) (?:\S+ ){0,4}?(?:geben|nennen|anzeigen|öffnen|lesen|abrufen|einsehen|sehen|ausführen|vorhersagen|liefern|bereitstellen|teilen|beurteilen|zugreifen)/,
  ],
}

const french: DeclinePhrases = {
  firm: [
    /je (?:ne |n')?(?:peux|pourrai|saurais|puis) (?:\S+ )?(?:pas|malheureusement pas)? ?(?:\S+ ){0,3}?(?:aider|assister|répondre à (?:cette|ce|votre|ta)|donner suite|satisfaire|accéder à (?:cette|votre|ta) demande|faire (?:cela|ça))/,
    /je (?:refuse|dois (?:\S+ )?(?:refuser|décliner)|décline)/,
    /(?:contraire|à l'encontre|contre|enfrein\w+|viol\w+)(?: \S+){0,2}? (?:à |de )?(?:mes|nos|les) (?:principes|règles|directives|politiques?|lignes)/,
    /je (?:ne vais|ne souhaite|ne veux|préfère ne) pas\b|je ne (?:vais|souhaite) pas/,
  ],
  soft: [
    /je (?:ne |n')(?:peux|pourrai|suis|saurais)(?: \S+)? ?pas (?:en mesure |capable |autorisée? )?(?:de |d')?(?:\S+ ){0,2}?(?:fournir|donner|créer|écrire|rédiger|générer|ouvrir|lire|voir|consulter|faire|partager|répondre|identifier|prédire|accéder|divulguer|vous|te|t')/,
    /je n'ai (?:\S+ )?(?:pas|aucun|aucune)(?: \S+)? ?(?:accès|la possibilité|la capacité|le droit|moyen)/,
    /(?:il|cela|ça|ceci) (?:ne )?m'est (?:\S+ )?(?:impossible|pas possible)/,
  ],
}

const spanish: DeclinePhrases = {
  firm: [
    /no (?:te |le |os |les )?(?:puedo|podré|podría|podemos)(?: \S+){0,3}? (?:ayud\w+|asist\w+|cumplir|atender|satisfacer|hacer (?:eso|esto))/,
    /no (?:lo |la )?(?:voy a|pienso|quiero) (?:hacer|ayudar|escribir|dar)|no lo (?:haré|voy a hacer)/,
    /(?:me niego|debo (?:rechazar|declinar|negarme)|tengo que (?:rechazar|declinar|negarme)|prefiero no)/,
    /(?:en contra de|contra|viola\w*|infring\w+|incumpl\w+)(?: \S+)? ?(?:mis|nuestras|las|nuestros|mi) (?:\S+ )?(?:normas|políticas?|directrices|principios|reglas|pautas)/,
  ],
  soft: [
    /no (?:\S+ )?(?:puedo|podemos) (?:\S+ )?(?:proporcionar|dar|crear|escribir|generar|abrir|leer|ver|acceder|compartir|responder|revelar|identificar|predecir|ofrecer|redactar|realizar|facilitar)/,
    /no (?:tengo|dispongo de|cuento con) (?:\S+ )?(?:acceso|posibilidad|la (?:posibilidad|capacidad)|capacidad|permiso|manera|forma)/,
    /no (?:me es|es) posible (?:\S+ )?(?:hacer|ayudar|proporcionar|acceder)|no me es posible|no soy capaz|no estoy (?:autorizad[oa]|en condiciones|capacitad[oa])/,
  ],
}

const portuguese: DeclinePhrases = {
  firm: [
    /não (?:te |lhe |o |a )?(?:posso|poderei|consigo|podemos)(?: \S+){0,2}? (?:ajud\w+|auxiliar|atender|cumprir|fazer isso|colaborar)/,
    /(?:recuso|devo recusar|preciso recusar|tenho que recusar|prefiro não|não vou) ?(?:\S+)?/,
    /(?:contra|viola\w*|infring\w+)(?: \S+)? ?(?:minhas|as|meus|nossas) (?:\S+ )?(?:diretrizes|políticas|princípios|normas|regras)/,
  ],
  soft: [
    /não (?:\S+ )?(?:posso|consigo|podemos) (?:\S+ )?(?:fornecer|dar|criar|escrever|gerar|abrir|ler|ver|acessar|aceder|compartilhar|responder|revelar|identificar|prever|oferecer|redigir|realizar)/,
    /não (?:tenho|possuo|disponho de) (?:\S+ )?(?:acesso|a capacidade|capacidade|a possibilidade|como|permissão|meios)/,
    /não (?:sou capaz|estou autorizad[oa]|me é possível)/,
  ],
}

const italian: DeclinePhrases = {
  firm: [
    /non (?:ti |le |vi |la )?(?:posso|potrò|possiamo)(?: \S+){0,2}? (?:aiutar\w+|assister\w+|soddisfare|farlo|esaudire)/,
    /(?:mi rifiuto|devo (?:rifiutare|declinare)|preferisco non|non ho intenzione)/,
    /(?:contro|contrari[oa] a\w*|viola\w*|va contro)(?: \S+)? ?(?:le|alle|i|ai) (?:mie |miei |nostre )?(?:linee guida|politiche|principi|regole|norme)/,
  ],
  soft: [
    /non (?:\S+ )?(?:posso|possiamo|riesco a) (?:\S+ )?(?:fornire|fornir\w+|dare|dar\w+|creare|scrivere|generare|aprire|leggere|vedere|accedere|condividere|rispondere|rivelare|identificare|prevedere|redigere)/,
    /non ho (?:\S+ )?(?:accesso|la possibilità|la capacità|modo|il permesso)/,
    /non (?:sono in grado|mi è possibile|sono autorizzat[oa])/,
  ],
}

const dutch: DeclinePhrases = {
  firm: [
    /(?:kan|mag|wil|zal) (?:ik )?(?:\S+ ){0,4}?niet(?: \S+){0,3}? (?:helpen|assisteren|meewerken|voldoen|doen|ondersteunen|uitvoeren|inwilligen)|daar(?:bij|mee|aan)? (?:kan|wil|mag) ik (?:\S+ ){0,4}?niet/,
    /(?:tegen|in strijd met|strijdig met) (?:mijn|onze|de) (?:\S+ )?(?:richtlijnen|beleid|principes|regels)/,
    /ik (?:weiger|moet (?:\S+ ){0,2}?weigeren|ga (?:\S+ ){0,3}?niet)/,
  ],
  soft: [
    /(?:ik|wij) (?:heb|hebben|beschik) (?:\S+ ){0,3}?(?:geen toegang|geen mogelijkheid|niet over)|heb ik (?:\S+ ){0,2}?geen toegang/,
    /(?:kan|mag) ik (?:\S+ ){0,6}?(?:niet|geen) (?:\S+ ){0,2}?(?:zien|geven|openen|lezen|schrijven|maken|delen|verstrekken|beantwoorden)|ik (?:kan|mag) (?:\S+ ){0,5}?(?:niet|geen) (?:\S+ ){0,3}?(?:zien|geven|openen|lezen|schrijven|maken|delen|verstrekken|beantwoorden)/,
    /ik ben (?:\S+ )?niet (?:in staat|bevoegd)/,
  ],
}

const polish: DeclinePhrases = {
  firm: [
    /nie (?:mogę|możemy|jestem w stanie|będę)(?: \S+){0,4}? (?:pomóc|spełnić|zrealizować|pomagać|tego zrobić|wspierać)/,
    /(?:odmawiam|muszę odmówić|nie zamierzam)/,
    /(?:narusza\w*|sprzeczn\w+ z|wbrew|niezgodn\w+ z)(?: \S+)? ?(?:moim\w*|moje|zasad\w+|wytyczn\w+|polityk\w+)/,
  ],
  soft: [
    /nie (?:mam|posiadam) (?:\S+ )?(?:dostępu|możliwości|uprawnień)/,
    /nie (?:mogę|możemy|jestem w stanie)(?: \S+){0,2}? (?:podać|udostępnić|stworzyć|napisać|wygenerować|otworzyć|odczytać|zobaczyć|odpowiedzieć|udzielić|ujawnić|sprawdzić|zidentyfikować)/,
  ],
}

const russian: DeclinePhrases = {
  firm: [
    /(?:я )?не (?:могу|смогу|буду|стану|можем)(?: \S+){0,3}? (?:помочь|помогать|выполнить|содействовать|сделать это|этого делать|удовлетворить)/,
    /(?:отказываюсь|вынужден\w* отказать|должен\w* отказать)/,
    /(?:против\w* |наруша\w+ |противореч\w+ )(?:\S+ )?(?:мои\w*|наш\w*|правил\w*|политик\w*|принцип\w*|рекомендац\w*)/,
  ],
  soft: [
    /(?:у меня (?:\S+ )?нет|не имею|нет у меня) (?:\S+ )?(?:доступа|возможности|права)/,
    /(?:я |, |^)не (?:могу|смогу|в состоянии|способен|способна)(?: \S+){0,2}? (?:предоставить|дать|создать|написать|сгенерировать|открыть|прочитать|увидеть|ответить|раскрыть|сообщить|назвать|проверить|предсказать|посмотреть)/,
  ],
}

/** Without spaces between words, and often without a subject: there a regret or a service must stand beside the no. */
const chinese: DeclinePhrases = {
  firm: [
    /(?:无法|無法|不能|不可以|不會|不会|没办法|沒辦法|没法)(?:为您|为你|為您|為你|帮您|帮你|向您|向你|给您|给你|在这方面|就此|继续)*(?:帮助|帮忙|幫助|協助|协助|提供帮助|满足|滿足|完成(?:这|您|你|該|该)|回答(?:这|此|您|你)|处理(?:这|此|您|你)|支持(?:这|此))/,
    /(?:我拒绝|我必须拒绝|恕我拒绝|恕难|恕不|違反|违反)[^。]{0,12}(?:政策|准则|準則|规定|規定|原则|原則|指南|从命|奉告)?/,
  ],
  soft: [
    /(?:抱歉|对不起|對不起|很遗憾|遗憾的是|不好意思|我)[^。]{0,16}(?:无法|無法|不能|没有办法|沒有辦法|没法)(?:[^。]{0,8})(?:提供|获取|獲取|访问|訪問|查看|打开|打開|读取|讀取|生成|创建|建立|编写|撰写|回答|透露|预测|識別|识别|执行|查询|查詢|连接|浏览|写|做|给|告诉|帮)/,
    /我(?:目前|暂时|現在|现在)?(?:没有|沒有|不具备|不具備)[^。]{0,10}(?:权限|權限|能力|访问|訪問|渠道|方法)/,
  ],
}

const japanese: DeclinePhrases = {
  firm: [
    /(?:お手伝い|お応え|ご対応|対応|ご支援|支援|協力|お力|お答え)[^。]{0,12}(?:できません|できかねます|いたしかねます|致しかねます|出来ません|なれません|ません)/,
    /(?:お断り(?:します|いたします|させて)|遠慮させて|控えさせて)/,
    /(?:ガイドライン|ポリシー|規約|方針)[^。]{0,10}(?:違反|反し|反する|により)/,
  ],
  soft: [
    /(?:^|私に?は|AI[^。]{0,8})(?:それは|そのようなことは|これは)(?:できません|出来ません)/i,
    /(?:申し訳|すみません|すいません|恐れ入り|残念|あいにく|ごめん)[^。]{0,50}?(?:[、。][^。]{0,50})?(?:できません|出来ません|できかねます|ありません|いたしかねます|わかりません|分かりません)/,
    /(?:アクセス|参照|閲覧)[^。]{0,10}(?:できません|権限がありません|持っていません|手段がありません)|(?:機能|権限|能力)(?:は|が)(?:備わって|持って|あり)[^。]{0,6}ません/,
  ],
}

const korean: DeclinePhrases = {
  firm: [
    /(?:도와\s?드릴|도움을?\s?드릴|도움을 줄|응할|지원해?\s?드릴|협조할|들어\s?드릴) ?수(?:가|는)? ?없/,
    /(?:거절|거부)(?:하겠|합니다|해야|할 수밖에)/,
    /(?:정책|지침|가이드라인|규정|원칙)(?:에|을|를)? ?(?:위배|위반|어긋|반하)/,
  ],
  soft: [
    /(?:죄송|유감|아쉽게도|안타깝게도|미안)[^.]{0,60}(?:수(?:가|는|도)? ?없|어렵습니다|불가능|못합니다|않습니다)/,
    /(?:저는|제가)[^.]{0,40}(?:접근|확인|열람|제공|조회|수행|처리|실행|생성)[^.]{0,8}수(?:가|는)? ?없|접근 권한이 없/,
  ],
}

const arabic: DeclinePhrases = {
  firm: [
    /(?:لا (?:أستطيع|استطيع|يمكنني|أقدر)|لن (?:أتمكن|أستطيع|أقوم)|لست قادرا)[^.؟]{0,20}(?:المساعدة|مساعدت|تلبية|تنفيذ|القيام|أساعد|بذلك)/,
    /(?:أرفض|يجب أن أرفض|أعتذر عن)/,
    /(?:يخالف|يتعارض مع|تخالف|تنتهك|ينتهك|ضد)[^.؟]{0,20}(?:سياس|إرشاد|مبادئ|قواعد|معايير)/,
  ],
  soft: [
    /(?:لا (?:أستطيع|استطيع|يمكنني|أقدر)|لن أتمكن من|لست قادرا على|غير قادر على)/,
    /(?:ليس لدي|لا أملك|لا يوجد لدي|لا تتوفر لدي)[^.؟]{0,20}(?:إمكانية|صلاحية|وصول|القدرة|قدرة|الوصول)/,
  ],
}

const others: DeclinePhrases = {
  firm: [
    /(?:bu konuda|size|sana|buna|bu isteğe)[^.]{0,20}(?:yardımcı olamam|yardım edemem|yardımcı olamıyorum|yerine getiremem)|yardımcı olamam|yardım edemem|^(?:üzgünüm|maalesef|kusura bakma)[^.]{0,40}(?:yapamam|edemem|veremem|sağlayamam|yapamıyorum)/,
    /(?:jag|vi) kan (?:\S+ ){0,3}?inte (?:\S+ ){0,2}?(?:hjälpa|bistå|göra)|kan jag (?:\S+ ){0,3}?inte (?:\S+ ){0,2}?(?:hjälpa|bistå|göra)/,
    /jeg kan (?:\S+ ){0,3}?ikke (?:\S+ ){0,2}?(?:hjelpe|hjælpe|bistå|gjøre|gøre)|kan jeg (?:\S+ ){0,3}?ikke (?:hjelpe|hjælpe)/,
    /(?:मैं|हम)[^।.]{0,40}(?:सहायता|मदद)[^।.]{0,15}(?:नहीं|असमर्थ)|(?:क्षमा|माफ़|खेद)[^।.]{0,60}(?:नहीं कर सकत|असमर्थ)/,
    /(?:tôi|mình) (?:không thể|không được phép|từ chối)[^.]{0,12}(?:giúp|hỗ trợ|đáp ứng|thực hiện)|(?:saya|kami) (?:tidak (?:dapat|bisa)|menolak)[^.]{0,12}(?:membantu|memenuhi|melakukan)/,
    /(?:nu (?:te |vă )?pot (?:ajuta|face)|nemohu (?:\S+ ){0,2}?pom|nem (?:tudok|segíthetek)(?: \S+){0,2}? ?(?:segíteni)?|en voi (?:\S+ ){0,2}?(?:auttaa|tehdä)|не можу (?:\S+ ){0,3}?допомогти|δεν μπορώ να (?:\S+ ){0,2}?βοηθήσω)/,
    /לא (?:אוכל|יכול|יכולה)[^.]{0,12}(?:לעזור|לסייע)|ไม่สามารถ(?:ช่วย|ให้ความช่วยเหลือ|ดำเนินการ)/,
  ],
  soft: [
    /(?:erişimim yok|erişemiyorum|erişim iznim yok)/,
    /(?:jag|vi) har (?:\S+ )?(?:inte|ingen) (?:\S+ )?(?:tillgång|åtkomst|möjlighet)|jeg har (?:\S+ )?ikke (?:\S+ )?(?:tilgang|adgang)/,
    /मेरे पास[^।.]{0,30}(?:पहुँच|पहुंच|एक्सेस)[^।.]{0,6}नहीं/,
    /(?:tôi không có quyền truy cập|saya tidak (?:memiliki|punya) akses|nu am acces|nemám přístup|nincs hozzáférésem|minulla ei ole pääsyä|не маю доступу|δεν έχω πρόσβαση|אין לי גישה|ไม่สามารถเข้าถึง)/,
  ],
}

const languages = [
  english,
  german,
  french,
  spanish,
  portuguese,
  italian,
  dutch,
  polish,
  russian,
  chinese,
  japanese,
  korean,
  arabic,
  others,
]

export const firmPhrases: readonly RegExp[] = languages.flatMap(({ firm }) => firm).map(widen)
export const softPhrases: readonly RegExp[] = languages.flatMap(({ soft }) => soft).map(widen)

/** What turns from a no to the answer: "but", "however", "that said". The answer's words must follow it. */
export const turningWords =
  /(?:^|[\s,;:–—-])(?:but|however|that said|still|nevertheless|nonetheless|instead|what i can|here(?:'s| is| are)|aber|jedoch|allerdings|trotzdem|stattdessen|mais|cependant|toutefois|voici|pero|sin embargo|no obstante|aquí|mas|porém|contudo|no entanto|ma|però|tuttavia|ecco|maar|echter|ale|jednak|natomiast|но|однако|зато|ama|ancak|fakat|men|dock|但是?|不过|不過|然而|しかし|ただし|ですが|하지만|그러나|다만|ولكن|لكن|लेकिन)(?=[\s,:،、，]|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|$)/u

/** A sentence that offers, advises or asks instead of answering. */
export const offers =
  /^\W*(?:(?:but|however|instead|that said|still|so|if|and)[, ]+)*(?:i(?:'d| would| can| could|'ll| will|'m| am) (?:be )?(?:happy|glad|love|still|gladly|also|offer|instead|try|help|assist|suggest|recommend|encourage|point|discuss|talk|explain|share|tell|open to)|i (?:understand|appreciate|recommend|suggest|encourage|hope)|please\b|feel free|let me know|let's|if you|if your|would you|is there|perhaps you|maybe you|you (?:can|could|may|might|should|will) (?:try|want|contact|check|ask|consult|reach|visit|look|find|also|consider|use|see|refer)|consider|try\b|contact|consult|reach out|ich (?:kann|helfe|empfehle|würde|verstehe)|bitte|gerne|sprich|sprechen sie|wenn sie|wenn du|falls|möchten sie|soll ich|fragen sie|wenden sie|je (?:peux|serais|vous|te|comprends)|n'hésite|si vous|si tu|veuillez|vous pouvez|tu peux|puedo|si (?:quieres|necesitas|desea|usted|tienes)|te (?:recomiendo|sugiero)|le (?:recomiendo|sugiero)|por favor|posso|se (?:você|vuoi|hai|quiser)|puoi|recomendo|ti consiglio|ik kan|als je|als u|mogę|jeśli|proszę|если|могу|пожалуйста|рекомендую|如果|请|請|您可以|你可以|建议|もし|よろしければ|代わりに|他に|ぜひ|혹시|다른|원하시면|대신|إذا|يمكنك|يمكنني|يرجى|هل )/u
