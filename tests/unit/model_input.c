// SPDX-License-Identifier: GPL-2.0
void test_input(void);
void test_input(void){}
