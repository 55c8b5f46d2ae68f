// SPDX-License-Identifier: GPL-2.0
void test_plan(void);
void test_plan(void){}
