"""A file as a form of HTTP hands it over."""

HEADER = "流水号,发放编号,户号,救助类别,发放月,到账日,金额,发放类型,账号,户名,批次"
ROW = "R131-1,FR1311,QPR131,农村低保,2021-06,2021-06-28,540.00,常规,6217009900000016,钟启明,BR131"
FILE = f"{HEADER}\n{ROW}\n".encode()
