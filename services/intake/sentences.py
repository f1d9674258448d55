"""What intake says, by code: to programs in English, to clerks in Chinese. The one catalogue of it.

A code is stable: programs may act on it. The English says what was expected; the Chinese is a clause that
follows the name of a column. Neither ever repeats a value.
"""

from dataclasses import dataclass

from events.expectations import EXPECTED


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that is said: its code, and what fills its places."""

    code: str
    values: tuple[tuple[str, object], ...] = ()

    @property
    def english(self) -> str:
        """What was expected, for programs and those who write them."""
        return SENTENCES[self.code][0].format(**dict(self.values))

    @property
    def chinese(self) -> str:
        """The same for a clerk."""
        return SENTENCES[self.code][1].format(**dict(self.values))


def say(code: str, **values: object) -> Sentence:
    """Return the sentence of a code. Raises KeyError where there is none."""
    if code not in SENTENCES:
        raise KeyError(code)
    return Sentence(code, tuple(values.items()))


_ENVELOPE = {
    "specversion": ("1.0", "应为 1.0"),
    "id-expected": (
        "a text of 1 to 256 characters, unique within the source",
        "应为1至256个字符，在本单位内唯一",
    ),
    "source-expected": (
        "a URI of 1 to 256 characters: who states the fact",
        "应为1至256个字符的来源标识(URI)",
    ),
    "type-expected": ("the name of an event type", "应为事件类型的名称"),
    "time-expected": (
        "an instant with its zone, like 2021-06-28T09:30:00+08:00",
        "应为带时区的时间，如 2021-06-28T09:30:00+08:00",
    ),
    "data-expected": ("an object with the fact's fields", "应为包含各字段的对象"),
    "data-once": (
        "the fact's fields once: as data, or packed as data_base64",
        "内容只应写一次：data 或 data_base64",
    ),
    "base64-of-json": ("JSON in UTF-8, packed as base64", "应为以base64编码的JSON（UTF-8）"),
    "media-type": ("application/json", "应为 application/json"),
    "event-expected": ("a JSON object: a structured CloudEvent", "应为一条结构化 CloudEvent（JSON对象）"),
    "event-absent": ("a structured CloudEvent", "应为一条结构化 CloudEvent"),
    "json-expected": ("JSON in UTF-8: a structured CloudEvent", "应为UTF-8编码的JSON（结构化 CloudEvent）"),
    "json-invalid": ("JSON in UTF-8", "应为UTF-8编码的JSON"),
    "json-nested": ("JSON that is nested less deeply", "JSON嵌套过深"),
    "number-64-bits": ("numbers of at most 64 bits", "数字超过64位"),
    "field-twice": ("every field once in an object", "同一对象中字段重复"),
    "event-values": ("an event of at most {most} values", "一条内容最多{most}个值"),
    "event-too-long": ("at most {most} bytes", "不得超过{most}字节"),
    "id-hidden": (
        "no control characters, nothing invisible, and no blanks before or after it",
        "不得含控制字符或不可见字符，前后不得有空格",
    ),
    "source-path": (
        "a source without a slash at its end, doubled slashes, or dots as a segment",
        "来源标识末尾不得有斜杠，不得有连续斜杠，也不得有“.”或“..”段",
    ),
    "time-too-early": ("an instant from the year 1900 on", "应为1900年及以后的时间"),
    "type-of-context": ("a type of the context {context}: {names}", "应为{context}的事件类型：{names}"),
    "type-unknown": (
        "a type like dibao.payments.paid.v1, whose second part is one of {contexts}",
        "没有这个业务的事件类型；类型形如 dibao.payments.paid.v1，其第二段应为下列之一：{contexts}",
    ),
    "type-of-key": ("a type of the contexts of this key: {names}", "此密钥只能上报：{names}"),
    "source-of-key": (
        "{source}, or below it, as this key belongs to it",
        "此密钥只能以 {source} 或其下级的名义上报",
    ),
    "void-of-itself": (
        "an id of the void's own, not that of the fact that it undoes",
        "作废应使用自己的编号，不得与被作废的编号相同",
    ),
    "void-type": (
        "the type that is undone, one of the context {context}, not a void",
        "应为被作废的事件类型（{context}，且不是作废）",
    ),
    "void-key": ("a value: it is the key of {type}", "必填：作废 {type} 时用它查找原记录"),
    "void-source": (
        "{source}, or below it: a void undoes the key's own facts",
        "此密钥只能作废 {source} 或其下级上报的记录",
    ),
    "control-characters": ("no control characters", "不得含控制字符"),
    "area-of-key": ("a division in the area of this key: {areas}", "应在此密钥的辖区内：{areas}"),
    "instant-ahead": (
        "an instant that has come, or comes within {hours} hours",
        "应为已到的时间（最多提前{hours}小时）",
    ),
    "day-ahead": (
        "a day that has come, or comes within {hours} hours",
        "应为已到的日期（最多提前{hours}小时）",
    ),
    "fact-too-large": (
        "less in one fact: as the log keeps it, it is larger than Kafka takes",
        "一个事项的内容过多，超过系统可保存的上限，请拆分后上报",
    ),
    "parameter-unknown": (
        "a parameter that a rule reads (`dibao policy list`); the most like it is {like}",
        "应为规则使用的参数（见参数表）；名称最接近的是{like}",
    ),
    "parameter-number": (
        "a number from 0 to 10^12: that is what {name} is",
        "{name}的值应为0至10^12的数字",
    ),
    "parameter-text": ("a text: that is what {name} is", "{name}的值应为文字"),
    "area-of-subject": (
        "a household, person or case in the area of the key ({areas}): by the log it lies elsewhere",
        "应为本来源所辖区域（{areas}）的家庭、人员或事项；按已有记录不在该区域",
    ),
    "area-unknown": (
        "a household, person or case of which the log says that it lies in the area of the key ({areas}), or "
        "a division",
        "尚无记录说明属于本来源所辖区域（{areas}），请填写区划代码，或先由有权单位上报",
    ),
    "id-number-shown": (
        "a value that does not hold what looks like an ID number: this field is shown to all",
        "不得含有身份证号：此栏公开显示",
    ),
    "fault-of-ours": (
        "dibao to be mended: it failed at this ({kind})",
        "系统故障（{kind}），此条未接收，请与系统管理员联系",
    ),
}

_FIELDS = {
    "no-such-field": ("no such field", "没有这个字段"),
    "text-expected": ("a text", "应为文字"),
    "integer-expected": ("an integer", "应为整数"),
    "boolean-expected": ("true or false", "应为 true 或 false"),
    "list-expected": ("a list", "应为列表"),
    "object-expected": ("an object", "应为对象"),
    "more-than": ("more than {gt}", "应大于{gt}"),
    "at-least": ("at least {ge}", "应不小于{ge}"),
    "at-most": ("at most {le}", "应不大于{le}"),
    "too-short": ("at least {min_length} characters", "至少{min_length}个字符"),
    "too-long": ("at most {max_length} characters", "最多{max_length}个字符"),
    "too-few-items": ("at least {min_length} items", "至少{min_length}项"),
    "too-many-items": ("at most {max_length} items", "最多{max_length}项"),
    "code-expected": ("{expected}", "应为下列之一：{expected}"),
    "month-pattern": ("a month like 2021-06", "应为月份，如 2021-06"),
    "division-pattern": ("a division code of 12 digits", "应为12位区划代码"),
    "division-prefix-pattern": ("2 to 12 digits of a division code", "应为区划代码的前2至12位"),
    "digest-pattern": ("a digest of 32 hex digits", "应为32位十六进制摘要"),
    "pattern": ("text like {pattern}", "格式不符：{pattern}"),
    "other-kind": ("another kind of value", "值的类型不对"),
}

_OF_THE_CONTRACT = {
    "value-required": "必填，不能为空",
    "id-number-form": "身份证号应为18位（前17位为数字，末位为数字或X）或15位数字"
    "（旧版外国人永久居留证为3位字母加12位数字）",
    "id-number-birth": "身份证号第7至14位不是有效的出生日期",
    "id-number-too-old": "身份证号中的出生日期早于1850年",
    "residence-card-birth": "永久居留证号码第8至13位不是有效的出生日期",
    "id-number-check": "身份证号的校验位不对，请核对",
    "one-identity": "身份证号与本地编号应填写其一（没有身份证号时才填本地编号）",
    "persons-once": "同一人出现了两次",
    "persons-added-or-removed-once": "同一人在增加和减少的人员中出现了两次",
    "somebody-added-or-removed": "应有增加或减少的人员",
    "members-who-leave": "范围为成员时，应填写退出的人员",
    "no-members-all-leave": "范围为全户时，全部成员退出，不应再填写人员",
    "name-blank": "姓名不能为空白",
    "name-unseen": "姓名中有控制字符、不可见字符或丢失的字符",
    "number-blanks": "编号中间和前后不得有空格",
    "number-unseen": "编号中有控制字符、不可见字符或丢失的字符",
    "account-number-form": "账号应为4至34位数字或字母，连写或每四位一组",
    "credit-code-form": "统一社会信用代码应为18位数字或大写字母（不含I、O、S、V、Z）",
    "credit-code-check": "统一社会信用代码的校验位不对，请核对",
    "anomaly-id-form": "预警编号应形如 030b93df-37e9-5ad1-b889-923d7e68fe23，请从预警清单复制",
    "word-blank": "不能为空白",
    "word-unseen": "有控制字符、不可见字符或丢失的字符",
    "text-blank": "文字不能为空白",
    "text-nul": "文字中不得有NUL字符",
    "policy-value": "应为不超过64位的数字、true、false，或1至256个字符的文字",
    "date-expected": "应为日期，如 2021-06-28",
    "day-since-1900": "应为1900年及以后的日期",
    "instant-expected": "应为带时区的时间，如 2021-06-28T09:30:00+08:00",
    "instant-since-1900": "应为1900年及以后的时间",
    "not-before-death": "应为死亡日期当天或以后",
    "not-before-birth": "应为身份证号中出生日期当天或以后",
    "not-before": "不得早于{other}",
    "later-than": "应晚于{other}",
    "not-more-than": "不得大于{other}",
    "days-of-year": "只能是{other}所说年度内的日期",
    "days-not-in-both": "同一日期不得既在本栏又在{other}中",
    "other-households": "应为其他户号（不同于 household_no），且不重复",
}
"""The Chinese of what the contract's own validators expect."""

_CELLS = {
    "cell-too-long": ("at most {most} characters in a cell", "单元格超过{most}个字符"),
    "formula": ("a value, not a formula", "是公式，应填写数值本身（可复制后“选择性粘贴—值”）"),
    "spreadsheet-error": (
        "a value, not an error of the spreadsheet",
        "是表格的错误值（如 #N/A），应填写数值本身",
    ),
    "encoding": ("characters of the encoding of the file", "有无法识别的字符，请检查文件编码"),
    "lost-digits": (
        "text: as a number a spreadsheet keeps 15 digits only, the others are lost",
        "应为文本：按数字保存的长号码只保留15位，后面的已丢失",
    ),
    "scientific": (
        "text: scientific notation has lost the number's digits",
        "是科学计数法（如 2.02E+11），号码的各位已丢失，请设为文本格式后重新填写",
    ),
    "number-of-a-program": (
        "the number as the office writes it: no apostrophe before it, no .0 behind it",
        "应为号码本身：前面不得有撇号，末尾不得有“.0”（导出程序添加的），请恢复后重新上报",
    ),
    "day-in-text": (
        "text: the spreadsheet has made a day or a time of what was typed",
        "应为文字：表格把所填内容变成了日期或时间，请设为文本格式后重新填写",
    ),
    "yes-no-in-text": (
        "text: the spreadsheet holds TRUE or FALSE here, and shows another word than it keeps",
        "应为文字：此格是表格的逻辑值（TRUE 或 FALSE），请设为文本格式后重新填写",
    ),
    "format-unread": (
        "a number format that shows the number plainly: what this one shows could not be read",
        "数字格式无法识别，请设为常规或文本格式后核对",
    ),
    "line-break": (
        "one value: no line break, tab or run of blanks inside it",
        "应只有一个值：中间不得有换行、制表符或连续空格",
    ),
    "word": ("one of {words}", "应为下列之一：{words}"),
    "yes-no": ("是 or 否", "应为“是”或“否”"),
    "void-word": (
        "是, 否 or nothing: whether the fact is undone, or the reason in 作废原因",
        "应为“是”或“否”，或不填；作废的理由写在“作废原因”列",
    ),
    "day": ("a day like 2021-06-28", "应为日期，如 2021-06-28"),
    "day-not-number": (
        "a day like 2021-06-28: a number is a day only in a cell that the spreadsheet keeps as one",
        "应为日期，如 2021-06-28；数字不是日期，请把单元格设为日期格式",
    ),
    "day-format": (
        "a day like 2021-06-28, in a format that shows year, month and day: what this cell shows is none",
        "此格显示的不是完整的日期（如没有年份，或只有时间），请设为带年份的日期格式（如 2021-06-28）并核对",
    ),
    "instant-not-number": (
        "an instant like 2021-06-28 09:30: a number is one only in a cell that the spreadsheet keeps as one",
        "应为日期和时间，如 2021-06-28 09:30；数字不是日期，请把单元格设为日期和时间格式",
    ),
    "day-out-of-years": (
        "a day of the years {first} to {last}",
        "应为{first}年至{last}年之间的日期",
    ),
    "instant": ("an instant like 2021-06-28 09:30", "应为日期和时间，如 2021-06-28 09:30"),
    "month": ("a month like 2021-06", "应为月份，如 2021-06"),
    "month-as-text": ("a month like 2021-06, as text", "应为月份，如 2021-06，并设为文本格式"),
    "quarter": ("a quarter like 2021-Q3", "应为季度，如 2021-Q3"),
    "amount-positive": (
        "an amount in 元 with at most 2 decimals, more than 0",
        "应为金额（元），最多两位小数，大于0",
    ),
    "amount-or-0": (
        "an amount in 元 with at most 2 decimals, 0 or more",
        "应为金额（元），最多两位小数，不小于0",
    ),
    "amount-change": (
        "an amount in 元 with at most 2 decimals, also less than 0, like -12.50",
        "应为金额（元），最多两位小数，可为负数，如 -12.50",
    ),
    "amount-too-large": (
        "an amount of at most {most} 元",
        "金额过大，应不超过{most}元，请核对金额和单位",
    ),
    "amount-shown": (
        "an amount that is what the sheet shows: its number format shows another one",
        "金额与表格显示的不一致（数字格式有舍入、缩放或百分号），请设为常规格式后核对",
    ),
    "whole-number": ("a whole number", "应为整数"),
    "whole-number-within": ("a whole number from {least} to {most}", "应为{least}至{most}的整数"),
    "value-digits": (
        "a number of at most {most} digits, 是, 否, or a text",
        "应为不超过{most}位的数字、是/否或文字",
    ),
}

_ROWS = {
    "same-as-row": ("the same as in row {row}", "应与第{row}行相同（同一事项的各行）"),
    "same-as-before": ("the same as in the row before it", "应与上一行相同"),
    "serial-or-batch": (
        "流水号, or a batch number declared with the file",
        "应填写流水号，或上报时注明批次（batch）",
    ),
    "void-serial": (
        "流水号, or the number that the fact has: which one is 作废",
        "作废时应填写流水号或业务编号（如发放编号），以说明作废哪一条",
    ),
    "void-unsaid": (
        "是, as a reason for 作废 is given, or no reason",
        "填写了作废原因，但“作废”没有填“是”",
    ),
    "void-not-found": (
        "the number of one fact that this source has handed over",
        "没有找到本单位上报过的相应记录，无法作废",
    ),
    "void-several": (
        "流水号: several facts have this number",
        "有多条记录使用这个编号，请填写流水号以说明作废哪一条",
    ),
    "rows-of-a-fact": (
        "at most {most} rows of one fact: there are {count}",
        "同一事项最多{most}行，这里有{count}行；请核对流水号、户号等是否填写正确",
    ),
    "row-near-broken": (
        "every row of the fact to be readable: row {row}, which may belong to it, cannot be read",
        "第{row}行无法读取，可能属于同一事项，整个事项未接收",
    ),
    "row-near-unassigned": (
        "every row of the fact to say whose it is (户号): row {row}, which may belong to it, does not",
        "第{row}行没有写明属于哪一项（如户号），可能属于同一事项，整个事项未接收",
    ),
    "text-unicode": ("text that is Unicode", "应为Unicode文字"),
}

_REQUESTS = {
    "authorization": ("Bearer and a key that is not revoked", "应提供有效的密钥（Authorization: Bearer …）"),
    "signature": (
        "v1, the source and the HMAC of the record, made with a key that is not revoked",
        "应为有效密钥的签名（v1 来源 HMAC）",
    ),
    "no-keys-on-topics": (
        "a header dibao-signature in its place: keys do not travel on topics",
        "主题上不得发送密钥，应改用签名头 dibao-signature",
    ),
    "authorization-context": ("a key for the context {context}", "应为可上报 {context} 的密钥"),
    "identity-encoding": ("identity: a body that is not compressed", "应为未压缩的内容"),
    "content-types": ("{names}", "应为下列之一：{names}"),
    "charset": ("the charset UTF-8", "应为UTF-8编码"),
    "too-many-events": (
        "at most {most} events in a request: hand over more of them as a file",
        "一次最多{most}条，更多请作为文件上报",
    ),
    "too-much-at-once": (
        "fewer requests of this source at a time: {most}; try again later",
        "同一来源同时上报不得超过{most}个，请稍后重试",
    ),
    "too-fast": (
        "{rate:g} facts a second from this source on the average, {burst} at once; again in {seconds} s",
        "同一来源平均每秒不得超过{rate:g}条(一次不超过{burst}条)，请于{seconds}秒后重新上报",
    ),
    "body-too-slow": (
        "a body that arrives without long pauses, at {pace} bytes a second or more",
        "上传过慢或中断，请检查网络后重新上报",
    ),
    "array-expected": ("a JSON array of structured CloudEvents", "应为结构化 CloudEvent 的JSON数组"),
    "one-event": ("at least one event", "至少应有一条"),
    "no-lines": ("a file with at least one line", "文件中没有一行数据"),
    "no-lines-but": (
        "a file with at least one line below a header row: {sheets} have something, but no header row",
        "文件中没有一行数据；工作表{sheets}中有内容，但没有认出表头",
    ),
    "file-empty": ("a file that is not empty", "文件是空的"),
    "multipart": ("multipart/form-data with one file", "应为含一个文件的 multipart/form-data"),
    "part-named-file": ("a file in the part named file", "应在名为 file 的部分中上传文件"),
    "source-of-file": ("the URI of the source whose file this is", "应注明文件的来源标识(URI)"),
    "receipt-expected": ("the id of a receipt of this source", "应为本单位的回执编号"),
    "body-too-long": ("at most {most} bytes", "不得超过{most}字节"),
    "suffix": ("a file name that ends in {suffixes}", "文件名应以 {suffixes} 结尾"),
    "form-type": (
        "a type of which there is a form, in the context {context}: {types}",
        "应为{context}中有表格的类型：{types}",
    ),
    "unread-column": (
        "a header of the form's template, or one that the file's mapping names: this column is not read",
        "不在{among}中，未读取",
    ),
    "kafka-silent": (
        "Kafka did not acknowledge in time; send all of it again later: what was accepted is repeated",
        "消息系统未及时确认，请稍后全部重新上报（已接收的不会重复计算）",
    ),
    "newer-version": (
        "a newer version of dibao, which is being brought in and knows this type; send all of it again later",
        "系统正在升级，此类型由新版本接收，请稍后全部重新上报（已接收的不会重复计算）",
    ),
    "kafka-away": (
        "Kafka does not answer; send all of it again later: what was accepted is repeated",
        "消息系统无法连接，请稍后全部重新上报（已接收的不会重复计算）",
    ),
    "log-moves": (
        "The log is being given more partitions; send all of it again in some seconds: what was accepted is "
        "repeated",
        "系统日志正在增加分区，请数秒后全部重新上报（已接收的不会重复计算）",
    ),
    "log-key-missing": (
        "The log has facts that are signed with a key which is missing here; send all of it again when the "
        "operator has added it",
        "系统日志中有用本机所缺密钥签名的事实，须由运维人员补上密钥，之后请全部重新上报",
    ),
    "postgresql-away": (
        "PostgreSQL does not answer; send all of it again later: what was accepted is repeated",
        "数据库无法连接，请稍后全部重新上报（已接收的不会重复计算）",
    ),
}

_ADDRESSES = {
    "no-such-path": ("an address that this service has: see /docs", "没有这个地址，可用的地址见 /docs"),
    "method": ("one of the methods {methods}", "此地址只接受以下方法：{methods}"),
    "all-rejected": (
        "at least one item that is accepted: each says what was expected",
        "{count}条全部被退回，原因见各条",
    ),
    "record-unknown": (
        "the source and id of a fact that this source has handed over",
        "没有收到过这个来源的这个编号",
    ),
    "said-once": ("said once", "只应写一次"),
    "topic-stands-still": (
        "records taken from the intake topic: {lag} wait, and none was taken for {seconds} s ({why})",
        "Kafka接收主题停滞：积压{lag}条，已{seconds}秒没有进展（{why}）",
    ),
}

_HEADERS = {
    "header-once": (
        "one value: two headers of this name differ",
        "同名的消息头出现了两次且内容不同，只应有一个",
    ),
    "header-utf-8": ("a header in UTF-8", "消息头应为UTF-8编码"),
    "record-unreadable": (
        "a record that Kafka's clients can read",
        "这条记录已损坏，任何Kafka客户端都无法读取，请重新发送",
    ),
}

_FILES = {
    "workbook-old-or-locked": (
        "a workbook (.xlsx) without a password, and not an old one (.xls)",
        "应为未加密的 .xlsx 工作簿：旧版 .xls 或加密的文件，请用表格软件打开后另存为 .xlsx（不设密码）",
    ),
    "workbook-unopened": (
        "a workbook (.xlsx) that can be opened",
        "应为能打开的 .xlsx 工作簿，请用表格软件打开后另存为 .xlsx",
    ),
    "line-too-long": (
        "lines of at most {most} characters: this is no table",
        "有一行超过{most}个字符，不是表格",
    ),
    "too-many-rows": ("at most {most} rows", "文件超过{most}行，请分成几个文件上报"),
    "too-many-wrong-rows": (
        "a file of which fewer than {most} rows are wrong: the rest was not read",
        "已有{most}行不符合要求，其余各行未读取；请核对表头、列和格式后重新上报",
    ),
    "reading-memory": (
        "a file that can be read in {most} MB of memory",
        "读取这个文件所需内存超过{most}MB，未读取；请分成几个文件上报",
    ),
    "reading-time": (
        "a file that can be read in {most} seconds",
        "读取这个文件超过{most}秒，未读取；请分成几个文件上报",
    ),
    "reading-ended": (
        "a file that can be read within the limits of memory and time",
        "读取这个文件时超出了内存或时间的限制，未读完；请分成几个文件上报",
    ),
    "workbook-cut": (
        "a workbook (.xlsx) that can be read to its end",
        "工作簿不完整或已损坏，请用表格软件打开后另存为 .xlsx",
    ),
    "workbook-bomb": (
        "a workbook that does not unpack to far more than its size",
        "工作簿解压后远大于文件本身，未读取，请另存为 .xlsx",
    ),
    "workbook-repaired": (
        "a workbook (.xlsx) whose rows and cells stand in order, each once: open it and save it again",
        "工作表中的行或单元格次序错乱或重复，请用表格软件打开（修复）后另存为 .xlsx",
    ),
    "file-old-or-locked": (
        "a workbook (.xlsx) without a password: this is an old one (.xls, .et) or locked; save it as .xlsx",
        "是旧版表格（.xls、.et）或加密的文件，请用表格软件打开后另存为 .xlsx（不设密码）",
    ),
    "file-of-another-kind": (
        "a file of the kind csv, xlsx or ndjson: this one is {kind}; open it and save it as .xlsx",
        "是{kind}文件，不能读取，请用表格软件打开后另存为 .xlsx",
    ),
    "file-is-workbook": (
        "the name of a workbook to end in .xlsx, not in .csv",
        "是 .xlsx 工作簿，文件名却以 .csv 结尾，请改为 .xlsx",
    ),
    "file-is-no-workbook": (
        "the name of a text file to end in .csv, not in .xlsx",
        "不是 .xlsx 工作簿，请用表格软件打开后另存为 .xlsx；若是文本，文件名应以 .csv 结尾",
    ),
    "utf-8-or-gb18030": ("text in UTF-8 or GB18030", "应为UTF-8或GB18030编码的文本（不能是Big5等其他编码）"),
    "csv-quotes": (
        "quotation marks in pairs, and cells of at most {most} characters",
        "引号应成对，每格不超过{most}个字符",
    ),
    "csv-separator": (
        "cells that commas, semicolons or tabs part from one another",
        "各列之间应以逗号、分号或制表符分隔，未能分列",
    ),
    "csv-one-line": (
        "a line for each row: the whole file is one line, its line ends were taken out",
        "整个文件只有一行，换行已丢失（如用 curl -d 上传），请按原文件上报",
    ),
    "more-cells": ("no more cells than the header row has", "比表头多出单元格，各列可能错位"),
    "row-merged": (
        "no merged cells here: {range} is merged over rows or columns that are read one by one",
        "有合并单元格{range}，请取消合并并逐行填写",
    ),
    "header-row": (
        "a header row with the columns of one form ({expected})",
        "没有找到表头，应有下列一种表格的各列（{expected}）",
    ),
    "header-missing": (
        "the columns {missing} of the form {form}: row {row}{of} was read as its header row",
        "{where}第{row}行按“{form}”的表头读取，缺少：{missing}",
    ),
    "header-missing-unknown": (
        "the columns {missing} of the form {form}: row {row}{of} was read as its header row,"
        " in which {unknown} was not understood",
        "{where}第{row}行按“{form}”的表头读取，缺少：{missing}；不认识的列：{unknown}",
    ),
    "type-of-rows": (
        "the type of the rows said with the file, as its headers fit {titles}",
        "表头同时符合{titles}，请在上报时注明类型",
    ),
    "one-column": ("one column {header}", "“{header}”列出现了两次，应只有一列"),
    "unit-above": (
        "amounts in 元: {unit} is said above the table; say the unit in the header of each amount,"
        " like 金额({unit}), or convert them",
        "表格上方注明的单位是{unit}，金额应以元填写；请换算为元，或在金额列的表头注明单位，如“金额({unit})”",
    ),
    "unit-contradicts": (
        "one unit of amounts: {unit} is said above or below the header {header}, which says another",
        "表格注明的单位是{unit}，而“{header}”列的表头注明的是另一单位，两者矛盾，请核对金额后改成一致",
    ),
    "unit-below": (
        "amounts in 元: row {row}, which was passed over, says {unit}; the amounts were taken as 元",
        "第{row}行（已跳过）写有{unit}，而金额是按元读取的，请核对",
    ),
    "one-worksheet": (
        "a workbook in which one worksheet only has rows: {sheets} have",
        "工作簿中有多个工作表填有数据（{sheets}），请只保留一个，其余分别上报",
    ),
    "sheets-unread": (
        "one worksheet with rows: {sheets} has some as well, which are not read",
        "工作表{sheets}中也有内容，未读取",
    ),
    "sheet-hidden": (
        "a worksheet that is seen: {sheet}, which was read, is hidden",
        "所读取的工作表{sheet}是隐藏的，请核对是否应上报",
    ),
    "rows-hidden": (
        "rows that are seen: {rows} are hidden or filtered out, and were read",
        "第{rows}行被隐藏或筛选，仍已读取，请核对",
    ),
    "columns-hidden": (
        "columns that are seen: {columns} are hidden, and were read",
        "列{columns}是隐藏的，仍已读取，请核对",
    ),
    "columns-beyond": (
        "at most {most} columns: {columns} hold something that is not read",
        "只读取前{most}列，其后的列{columns}中有内容，未读取",
    ),
    "columns-without-header": (
        "a header above what is filled in: {columns} have none, and are not read",
        "列{columns}中有内容但没有表头，未读取",
    ),
    "rows-prefilled": (
        "something in the form's columns: rows {rows} have nothing there, and were passed over",
        "第{rows}行没有填写模板中的列（如只有序号），已跳过",
    ),
    "rows-of-sums": ("rows of facts: rows {rows} are sums, and were passed over", "第{rows}行是合计，已跳过"),
    "rows-of-signatures": (
        "rows of facts: rows {rows} are signatures or remarks, and were passed over",
        "第{rows}行是落款或说明（填报人、审核人、日期等），已跳过",
    ),
    "rows-of-headers": (
        "one header row: rows {rows} repeat it or a title, and were passed over",
        "第{rows}行是重复的表头或标题，已跳过",
    ),
}

_DOUBTS = {
    "card-check-digit": (
        "the number of a bank card (62…, 16 to 19 digits) whose check digit (Luhn) is right",
        "银行卡号（62开头，16至19位）的校验位不对，请核对",
    ),
    "unknown-area-code": (
        "an ID number whose first six digits are or were an area code",
        "身份证号前六位不是已知的区划代码，请核对",
    ),
    "several-names": (
        "the name of one person: this one has a comma in it, as a list of names has",
        "姓名中有顿号、逗号或分号，像是几个人的姓名，请核对；应只填一人",
    ),
    "unknown-village": (
        "the code of a village that is known on {day}",
        "{day}时没有这个村(社区)代码，请核对",
    ),
    "before-midnight": (
        "a day: the time {time} in it, just before midnight, may be a day shifted by its zone",
        "时间为{time}，接近午夜，可能是时区换算错了一天，请核对",
    ),
    "number-used-twice": (
        "a number that no other fact has: the fact {serial} has it too (receipt {receipt}, {day})",
        "编号重复：流水号{serial}的记录已使用同一编号（回执{receipt}，{day}），两条都计入台账，请核对，多报的一条应作废",
    ),
    "other-version-voided": (
        "one content: this id came with others, which are voided; this one counts ({digests})",
        "同一流水号的其他版本已作废（摘要{digests}），计入的是本版本",
    ),
    "void-target-unknown": (
        "the source and id of a fact that came before: none has them yet; it will not count when it comes",
        "还没有收到过这个流水号，请核对；以后收到时将不计入",
    ),
    "void-digest-unknown": (
        "the digest of a version of the fact: {digests}; this void undoes none of them",
        "没有这个摘要的版本，未作废任何版本；已有的版本摘要：{digests}",
    ),
    "void-already": (
        "a fact that is not voided yet: this one was, and stays so",
        "该记录此前已作废，无需再次作废",
    ),
    "void-all-versions": (
        "the digest of one version: without it all {count} are voided, and the fact does not count any more",
        "该流水号有{count}个不同版本，全部版本均已作废；如只作废其中一个，应注明其摘要",
    ),
    "void-content-differs": (
        "the content of the fact that is voided: this row states another one",
        "本行内容与所作废的记录不同，仍按流水号作废，请核对",
    ),
    "source-unregistered": (
        "a source that is registered: nobody has registered {source}, which may be mistyped",
        "来源{source}未登记，请核对是否写错；确是新来源的，请先登记（dibao source add）",
    ),
    "row-told-twice": (
        "a row that is told once: row {row} is equal",
        "与第{row}行完全相同，按两条计入，请核对是否重复填写",
    ),
}

_SET_ASIDE = {
    "content-differs": (
        "the content that this id came with before (receipt {receipt}, {day}); different, there → here: "
        "{fields}; void the wrong ones; the other content is {other}, "
        "this one {this} (receipt {this_receipt}, {this_day}){more}",
        "同一流水号曾以不同内容上报（回执{receipt}，{day}），不同之处（另一版本 → 本版本）：{fields}；"
        "各版本均搁置不计，请将错误的版本作废：另一版本的摘要{other}，本版本的摘要{this}（回执{this_receipt}，{this_day}）{more}",
    ),
    "content-differs-somewhere": (
        "the content that this id came with before (receipt {receipt}, {day}); void the wrong ones; "
        "the other content is {other}, this one {this} (receipt {this_receipt}, {this_day}){more}",
        "同一流水号曾以不同内容上报（回执{receipt}，{day}）；各版本均搁置不计，请将错误的版本作废："
        "另一版本的摘要{other}，本版本的摘要{this}（回执{this_receipt}，{this_day}）{more}",
    ),
    "versions-differ": (
        "one content: this id came with {count}; none counts until the others are voided",
        "同一流水号有{count}个内容不同的版本，均搁置不计，请将错误的版本作废，只留一个",
    ),
    "void-differs": (
        "one content: this void's id came with another one as well; neither undoes anything; void anew under "
        "another id",
        "作废的编号曾以不同内容上报，均不生效；请用新的编号重新作废",
    ),
    "voided": (
        "another id: the fact with this one is voided, and does not count any more",
        "已作废，不再计入；请用新的流水号上报",
    ),
    "version-voided": (
        "the content that counts, {counting}: this one, {digest}, is voided",
        "此内容（版本摘要{digest}）已作废，不再计入；同一流水号计入的是另一版本（摘要{counting}）",
    ),
}

_MAPPINGS = {
    "mapping-used": (
        "the mapping {name}, version {version}: the file was read by it",
        "按映射“{name}”第{version}版读取",
    ),
    "mapping-with-constants": (
        "the mapping {name}, version {version}: the file was read by it; in every row {constants}",
        "按映射“{name}”第{version}版读取，每行均为：{constants}",
    ),
    "unread-outcome": (
        "rows that were done only: this column, which is not read, may say of some that they were not",
        "不在映射中，未读取；该列像是处理结果，请核对其中没有未成功的行",
    ),
    "mapping-file-name": (
        "a file name of at most {most} characters that says {column}, where the mapping takes it from",
        "映射从文件名（不超过{most}个字符）中取“{column}”，此文件名中没有或读不出，请按约定命名文件",
    ),
    "mapping-file-name-several": (
        "a file name in which {column} is said once: what the mapping looks for stands there several times",
        "文件名中有几处都符合映射中“{column}”的模式而且不相同，无法确定取哪一处，请改文件名，或把映射中的模式写得更明确",
    ),
    "mapping-read-name": (
        "what the file's name says, in every row: {read}",
        "从文件名读出，每行均为：{read}",
    ),
    "mapping-unknown": (
        "the name of a mapping that this source has saved for this context",
        "本单位没有保存过这个名称的映射，请先保存或核对名称",
    ),
    "mapping-of-table": (
        "a mapping for a .csv or .xlsx file only",
        "映射只用于 .csv 和 .xlsx 文件",
    ),
    "mapping-of-type": (
        "no type, or the mapping's own: {type}",
        "类型与映射的类型（{type}）不符，可以不填",
    ),
    "mapping-expected": (
        "a mapping in JSON: type, columns, constants, from_name, composed",
        "应为JSON格式的映射（type、columns、constants、from_name、composed）",
    ),
    "mapping-name": (
        "a name of 1 to 64 letters, digits, dots, hyphens or underscores, without a long number",
        "名称应为1至64个字母、汉字、数字、点、连字符或下划线，不得含长数字",
    ),
    "mapping-type": ("a type, as the columns do not tell which one: {types}", "应注明类型：{types}"),
    "mapping-column": (
        "a column of the form {form}: {columns}",
        "不是“{form}”的列；应为下列之一：{columns}",
    ),
    "mapping-twice": ("{column} once", "“{column}”只能指定一次"),
    "mapping-header": (
        "a header as it stands in the file, of at most 100 characters, without a long number",
        "应为文件中的表头，不超过100个字符，不得含长数字",
    ),
    "mapping-without-columns": ("at least one column of the file", "至少应对应文件中的一列"),
    "mapping-missing": (
        "what {missing} of the form {form} is: a column of the file, a constant, or from the file's name",
        "“{form}”的必填列没有来源：{missing}（可对应文件的列，或用常量、文件名）",
    ),
    "mapping-constant": (
        "no constant here: {column} differs from row to row or from file to file;"
        " map a column, or take it from the file's name",
        "“{column}”各行或各次不同，不能设为常量；应对应文件的列，或从文件名取",
    ),
    "mapping-constant-digits": (
        "a constant without a long number: a mapping holds nothing about a person",
        "常量不得含长数字：映射中不保存个人信息",
    ),
    "mapping-of-row": (
        "a column of the file: {column} differs from row to row, or is about a person",
        "“{column}”各行不同或涉及个人，应对应文件的列，不能从文件名取",
    ),
    "mapping-pattern": (
        "a pattern of at most 100 characters with one group, like (\\d{{4}}-\\d{{2}}):"
        " characters and classes, at most three of them any number of times, nothing nested, no alternatives",
        "应为不超过100个字符、含一个括号组的简单模式，如 (\\d{{4}}-\\d{{2}})，"
        "不得嵌套或含“|”，不定次数至多三处",
    ),
    "mapping-composed": (
        "a number that the form has, such as 发放编号: {column} is none that may be put together",
        "“{column}”不是可以组合的编号（如发放编号）",
    ),
    "mapping-parts": (
        "1 to {most} columns that the mapping states, of numbers, months, days or words, none about a person",
        "应由1至{most}个已有来源的列组合而成（编号、月份、日期或类别），不得涉及个人",
    ),
}

_SUGGESTIONS = {
    "suggest-no-header": (
        "a header row among the first 20 rows, with headers such as 户号, 卡号 or 姓名",
        "前20行中没有找到表头（如户号、卡号、姓名等列名）",
    ),
    "suggest-no-form": (
        "a list that is like one of the forms ({titles}), or the type of its rows said",
        "与这些表格都不相像：{titles}；请核对类别，或注明类型",
    ),
    "suggest-own": (
        "the template's own header; of {filled} values looked at {fitting} can be read",
        "表头即模板中的“{column}”；抽查{filled}个值，{fitting}个可读",
    ),
    "suggest-synonym": (
        "a usual header for {column}; of {filled} values looked at {fitting} can be read",
        "表头是“{column}”的常用叫法；抽查{filled}个值，{fitting}个可读",
    ),
    "suggest-empty": ("a known header; nothing stands below it", "表头可以认出，但该列没有内容"),
    "suggest-paid": (
        "what was paid, not what was due, which has a column of its own; they differ in {differing} rows",
        "同时有应发和实发，取实发（实际到账的数）；抽查的行中有{differing}行两者不同",
    ),
    "suggest-several": (
        "one of several columns: their headers mean the same",
        "有几列的表头意思相同，请选定其中一列",
    ),
    "suggest-unlike": (
        "another column, perhaps: of {filled} values looked at {fitting} can be read",
        "表头相符，但抽查的{filled}个值中只有{fitting}个可读，请核对",
    ),
    "suggest-looks": (
        "a column by its contents alone: they look like {column}",
        "表头认不出，但内容像“{column}”，请核对",
    ),
    "suggest-holder": (
        "the holder of the account: this name may be that of the head of the household, or of who collects",
        "账户户名应为卡折上的户名；这一列可能是户主或领款人的姓名，两者不一定相同，请核对",
    ),
    "suggest-due": (
        "what was paid: this is what was due or granted, and may differ",
        "金额应为实际到账的数；这一列像是应发或核定的数，可能不同，请核对",
    ),
    "suggest-household-amount": (
        "the amount of the whole household for a month: this may be a person's, or what was paid",
        "核定金额应为全户每月金额；这一列可能是个人金额或发放金额，请核对",
    ),
    "suggest-certificate": (
        "the household's number: this may be the number of a certificate, which changes",
        "户号应为各部门通用、不变的编号；这一列可能是会更换的证号，请核对",
    ),
    "suggest-month": (
        "the month for which it was paid: this may be that of the payment",
        "发放月应为所属的月份；这一列可能是发放当月，请核对",
    ),
    "suggest-day": (
        "the day that the column asks for: this may be that of a report",
        "这一列的日期可能是制表日期，请核对",
    ),
    "suggest-number": (
        "a number that no other payment has: this may be a number within the file only",
        "发放编号在各次发放中都不得重复；这一列可能只是文件内的编号，请核对",
    ),
    "suggest-serial": (
        "a serial number that is unique for ever: this may begin again with each file",
        "流水号不得重复，也不得每次从头编起；请核对这一列是否如此",
    ),
    "suggest-void": (
        "whether the row undoes a fact handed over before: this may mean something else",
        "“作废”是指撤销以前上报的同一条；请核对这一列是否此意",
    ),
    "suggest-constant": (
        "a constant, if it is the same in every row of every such file",
        "文件中没有这一列；如每行都相同，可设为常量",
    ),
    "suggest-constant-said": (
        "a constant, if it is the same in every row of every such file: a title or the name says so",
        "文件中没有这一列；标题或文件名中写有，如此类文件每行都是它，可设为常量",
    ),
    "suggest-file-name": (
        "from the file's name, if every such file is named like this one",
        "文件中没有这一列；如每次的文件都这样命名，可从文件名取",
    ),
    "suggest-file-name-several": (
        "from the file's name, which says several: choose the one that is meant",
        "文件中没有这一列；文件名中有几处不同的日期或月份，请选定所指的一处",
    ),
    "suggest-compose": (
        "put together from columns which, taken together, no other payment has",
        "文件中没有这一列；如这几列合起来各次都不重复，可用它们组成编号",
    ),
    "suggest-missing": (
        "a column of the file: nothing in it may be this one",
        "文件中没有这一列，请原单位补上",
    ),
    "suggest-missing-in-name": (
        "a column of the file, or the file's name: neither says it",
        "文件中没有这一列；可补上，或把它写进文件名，用 --from-name 取",
    ),
    "suggest-outcome": (
        "rows that were paid only: this column may say that some were not, and is not read",
        "这一列像是发放是否成功的结果，不会读取；未成功的行请先删去，另按“资金退回”上报",
    ),
}

SENTENCES: dict[str, tuple[str, str]] = {
    **{code: (english, _OF_THE_CONTRACT[code]) for code, english in EXPECTED.items()},
    **_ENVELOPE,
    **_FIELDS,
    **_CELLS,
    **_ROWS,
    **_REQUESTS,
    **_ADDRESSES,
    **_HEADERS,
    **_FILES,
    **_DOUBTS,
    **_SET_ASIDE,
    **_MAPPINGS,
    **_SUGGESTIONS,
}
"""By code: what was expected, in English; the same for a clerk, in Chinese. Places stand in braces."""
